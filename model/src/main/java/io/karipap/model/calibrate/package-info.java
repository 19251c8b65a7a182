/** What the matrices of a model see: covariances of inputs and gradients. */
@NullMarked
package io.karipap.model.calibrate;

import org.jspecify.annotations.NullMarked;
