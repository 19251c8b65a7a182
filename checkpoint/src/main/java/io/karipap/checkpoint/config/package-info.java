/** Hugging Face configurations of models. */
@NullMarked
package io.karipap.checkpoint.config;

import org.jspecify.annotations.NullMarked;
