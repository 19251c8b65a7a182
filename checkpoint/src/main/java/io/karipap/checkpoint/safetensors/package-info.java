/** The safetensors format: strict reader, streaming writer, shards. */
@NullMarked
package io.karipap.checkpoint.safetensors;

import org.jspecify.annotations.NullMarked;
