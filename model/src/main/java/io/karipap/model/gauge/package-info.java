/**
 * The gauge freedom of a transformer: changes of basis that leave its logits unchanged, and the
 * choice of the basis that compresses best.
 */
@NullMarked
package io.karipap.model.gauge;

import org.jspecify.annotations.NullMarked;
