/** Tokenizers and their streaming decoder. */
@NullMarked
package io.karipap.checkpoint.tokenizer;

import org.jspecify.annotations.NullMarked;
