/**
 * Dense tensors, factorizations, automatic differentiation and optimisers: one small audited
 * interface over libtorch, and the only place of the project that touches native memory.
 *
 * <p>Every tensor is born into the innermost {@link io.karipap.tensor.TensorScope} of its thread
 * and dies with it, unless it is moved out explicitly.
 */
@NullMarked
package io.karipap.tensor;

import org.jspecify.annotations.NullMarked;
