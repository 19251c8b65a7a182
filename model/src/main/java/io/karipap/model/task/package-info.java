/**
 * Tasks that a model is examined on, scored as the Language Model Evaluation Harness defines it
 * (Gao et al., 2021, doi:10.5281/zenodo.5371628).
 */
@NullMarked
package io.karipap.model.task;

import org.jspecify.annotations.NullMarked;
