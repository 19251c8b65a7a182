package io.karipap.compress.heal;

import io.karipap.compress.HealOptions;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.Weights;
import io.karipap.model.text.TokenSequence;
import java.util.List;

/**
 * A compressed model that is to learn from its original.
 *
 * @param original the teacher, in float32 and in the basis of the compressed model
 * @param start weights of the compressed model
 * @param text documents to learn on; the last of them are held out
 * @param tokens length of the distillation
 * @param options which numbers are trained, and how
 * @param seed of the order of the text and of the random numbers in updates
 */
public record HealTask(
    Decoder original,
    Weights start,
    List<TokenSequence> text,
    long tokens,
    HealOptions options,
    long seed) {}
