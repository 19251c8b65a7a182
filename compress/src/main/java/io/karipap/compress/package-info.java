/** The compression pipeline: calibrate, plan, fit, heal, write; its checkpoints and its reports. */
@NullMarked
package io.karipap.compress;

import org.jspecify.annotations.NullMarked;
