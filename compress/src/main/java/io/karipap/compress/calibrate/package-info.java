/** Calibration of a model for a compression. */
@NullMarked
package io.karipap.compress.calibrate;

import org.jspecify.annotations.NullMarked;
