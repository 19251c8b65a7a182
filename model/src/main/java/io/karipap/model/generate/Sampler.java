package io.karipap.model.generate;

import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.KeyValueCache;
import io.karipap.model.text.TokenSequence;
import io.karipap.tensor.Autograd;
import io.karipap.tensor.DType;
import io.karipap.tensor.Functions;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Draws documents from a model at temperature 1, many at a time: text to learn on where there is
 * none (LLM-QAT, Liu et al. 2023, "data-free distillation").
 *
 * @param model to draw from
 * @param bos token that every document starts with
 */
public record Sampler(Decoder model, int bos) {

  private static final int BATCH = 32;

  /**
   * Draws documents until they have a number of tokens together. Each begins with the BOS and ends
   * before an end of sequence or a further BOS, or where it has {@code longest} tokens.
   *
   * @param longest at least 2, and at most the model's context
   * @param seed of the random numbers; the same one gives the same documents
   */
  public List<TokenSequence> documents(long tokens, int longest, long seed) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    List<TokenSequence> documents = new ArrayList<>();
    for (long drawn = 0; drawn < tokens; ) {
      for (int[] ids : batch(longest, random)) {
        int length = length(ids);
        if (length > 1 && drawn < tokens) {
          documents.add(TokenSequence.of(Arrays.copyOf(ids, length)));
          drawn += length;
        }
      }
    }
    return documents;
  }

  private int[][] batch(int longest, RandomGenerator random) {
    int[][] ids = new int[BATCH][longest];
    long[] last = new long[BATCH];
    Arrays.fill(last, bos);
    try (var _ = new TensorScope();
        var _ = Autograd.off();
        var cache = new KeyValueCache(model.architecture(), BATCH, longest)) {
      for (int place = 0; place < longest; place++) {
        for (int i = 0; i < BATCH; i++) {
          ids[i][place] = (int) last[i];
        }
        if (place < longest - 1) {
          try (var _ = new TensorScope()) {
            Tensor logits = model.nextOfEach(Tensor.of(last, BATCH, 1), cache);
            draw(Functions.softmax(logits.to(DType.F32)).toFloats(), random, last);
          }
        }
      }
    }
    return ids;
  }

  private static void draw(float[] probabilities, RandomGenerator random, long[] drawn) {
    int vocabulary = probabilities.length / drawn.length;
    for (int i = 0; i < drawn.length; i++) {
      double point = random.nextDouble();
      int id = 0;
      for (; id < vocabulary - 1; id++) {
        point -= probabilities[i * vocabulary + id];
        if (point < 0) {
          break;
        }
      }
      drawn[i] = id;
    }
  }

  /** Tokens before the end of the document. */
  private int length(int[] ids) {
    for (int i = 1; i < ids.length; i++) {
      if (ids[i] == bos || model.config().eosTokenIds().contains(ids[i])) {
        return i;
      }
    }
    return ids.length;
  }
}
