/** The state of karipap train. */
@NullMarked
package io.karipap.cli.train;

import org.jspecify.annotations.NullMarked;
