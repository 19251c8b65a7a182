/** Quantization of a model. */
@NullMarked
package io.karipap.compress.quantize;

import org.jspecify.annotations.NullMarked;
