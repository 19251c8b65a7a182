package io.karipap.compress;

import java.nio.file.Path;

/**
 * A distillation of a compressed model from its original.
 *
 * @param artifact folder of the compressed model; replaced by the healed one when that is written
 * @param teacher folder of the original
 * @param text UTF-8 text to learn on; its end is held out
 * @param tokens length of the run
 * @param options how it is healed
 * @param seed of the order of the text
 * @param resume go on with an interrupted run of the same request
 */
public record HealRequest(
    Path artifact,
    Path teacher,
    Path text,
    long tokens,
    HealOptions options,
    long seed,
    boolean resume) {}
