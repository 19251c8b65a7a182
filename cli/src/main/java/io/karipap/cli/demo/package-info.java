/** karipap demo. */
@NullMarked
package io.karipap.cli.demo;

import org.jspecify.annotations.NullMarked;
