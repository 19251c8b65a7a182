/** Loss, divergence and likelihoods of a model on text. */
@NullMarked
package io.karipap.model.evaluate;

import org.jspecify.annotations.NullMarked;
