@NullMarked
package io.karipap.tensor;

import org.jspecify.annotations.NullMarked;
