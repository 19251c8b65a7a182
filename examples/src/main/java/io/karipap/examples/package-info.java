/** Small programs to copy. They use the library as any other program does. */
@NullMarked
package io.karipap.examples;

import org.jspecify.annotations.NullMarked;
