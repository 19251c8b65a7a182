/** Files that the tests of all modules share. */
@NullMarked
package io.karipap.testing;

import org.jspecify.annotations.NullMarked;
