@NullMarked
package io.karipap.cli;

import org.jspecify.annotations.NullMarked;
