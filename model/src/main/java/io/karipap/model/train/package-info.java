/** Training: objectives, trainable forms of matrices, checkpoints. */
@NullMarked
package io.karipap.model.train;

import org.jspecify.annotations.NullMarked;
