/**
 * Model files: safetensors, Hugging Face configurations and tokenizers, and the compressed
 * artifact. Whatever a file holds, reading it either works or ends in a {@link
 * io.karipap.checkpoint.CheckpointException}.
 */
@NullMarked
package io.karipap.checkpoint;

import org.jspecify.annotations.NullMarked;
