@NullMarked
package io.karipap.compress;

import org.jspecify.annotations.NullMarked;
