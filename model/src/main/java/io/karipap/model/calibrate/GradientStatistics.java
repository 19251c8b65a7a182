package io.karipap.model.calibrate;

import io.karipap.model.arch.ActivationObserver;
import io.karipap.model.arch.Decoder;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows;
import io.karipap.model.text.Windows.Window;
import io.karipap.network.Factorization;
import io.karipap.tensor.Autograd;
import io.karipap.tensor.DType;
import io.karipap.tensor.Functions;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleConsumer;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * How much the model's prediction depends on the outputs of its linear layers: G = E[g g^T] of
 * every layer of the blocks in float64, with g = d L / d y of the outputs y of one token. The
 * head's needs no statistics: it is the mean of diag(p) - p p^T.
 *
 * <p>L is the negative log-likelihood, summed over the positions, of labels drawn independently
 * from the model's own softmax. So G is the output side of the Fisher information, which is the
 * Hessian of the KL divergence to the model itself (Martens and Grosse 2015, K-FAC; for weights
 * that several tokens share Eschenhagen et al. 2023, "expand"): replacing W by W + D changes the
 * prediction by about tr(G D C D^T) / 2 nats per token, C = E[x x^T]. Two things are neglected
 * there: that x and g depend on each other, and that the errors of different tokens of a window
 * meet in the attention of later ones.
 */
public final class GradientStatistics implements AutoCloseable {

  private static final int BATCH_TOKENS = 2048;

  // number of logits computed at a time, for vocabularies of any size
  private static final int LOGITS = 1 << 24;

  private final Map<String, Tensor> gradients = new LinkedHashMap<>();
  private final TensorOwner owner = new TensorOwner();
  private final Decoder model;
  private final RandomGenerator labels;
  private final Tensor logitVariances;
  private long tokens;

  private GradientStatistics(Decoder model, long seed) {
    this.model = model;
    this.logitVariances = owner.own(Tensor.zeros(DType.F64, model.config().vocabularySize()));
    this.labels = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  /**
   * Runs a model over windows and back. Must be called inside a tensor scope.
   *
   * @param seed of the labels
   * @param progress told the share done, from 0 to 1
   */
  public static GradientStatistics collect(
      Decoder model,
      List<TokenSequence> documents,
      List<Window> windows,
      long seed,
      DoubleConsumer progress) {
    if (windows.isEmpty()) {
      throw new IllegalArgumentException("the calibration text has no tokens");
    }
    GradientStatistics statistics = new GradientStatistics(differentiable(model), seed);
    int batchTokens = Math.min(BATCH_TOKENS, LOGITS / model.config().vocabularySize());
    int done = 0;
    for (List<Window> batch : Windows.unpadded(windows, batchTokens)) {
      try (var _ = new TensorScope()) {
        statistics.add(Windows.ids(documents, batch));
      }
      done += batch.size();
      progress.accept((double) done / windows.size());
    }
    statistics.gradients.values().forEach(g -> g.scaleInPlace(1.0 / statistics.tokens));
    statistics.logitVariances.scaleInPlace(1.0 / statistics.tokens);
    return statistics;
  }

  /** The model with its embeddings as a variable, so that a graph is recorded from there on. */
  private static Decoder differentiable(Decoder model) {
    String name = model.architecture().embeddings().name();
    Factorization embeddings = model.weights().matrix(name);
    return model.with(Map.of(name, embeddings.map(Tensor::leaf)));
  }

  private void add(Tensor ids) {
    try (var outputs = new Outputs(model.architecture().head().name())) {
      add(ids, outputs);
    }
  }

  private void add(Tensor ids, Outputs outputs) {
    Tensor logits = model.logits(ids, outputs);
    Tensor log = Functions.logSoftmax(logits.reshape(-1, logits.size(-1)));
    // L = - sum_t log p(label_t)
    Tensor probabilities = log.detach().exp();
    logitVariances.addInPlace(
        probabilities.sub(probabilities.square()).to(DType.F64).sum(0).reshape(-1), 1);
    Tensor loss = log.gather(1, sample(probabilities).unsqueeze(1)).sum().neg();
    List<Tensor> g = Autograd.gradients(loss, outputs.tensors);
    for (int i = 0; i < g.size(); i++) {
      Tensor rows = g.get(i).reshape(-1, g.get(i).size(-1)).to(DType.F64);
      gradients
          .computeIfAbsent(
              outputs.names.get(i),
              _ -> owner.own(Tensor.zeros(DType.F64, rows.size(1), rows.size(1))))
          .addInPlace(rows.transpose().matmul(rows), 1);
    }
    tokens += ids.elements();
  }

  /** One label of every row of probabilities [tokens, vocabulary]. */
  private Tensor sample(Tensor probabilities) {
    Tensor single = probabilities.to(DType.F32).contiguous();
    MemorySegment p = single.segment();
    var layout = ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.nativeOrder());
    int vocabulary = single.size(1);
    long[] drawn = new long[single.size(0)];
    for (int t = 0; t < drawn.length; t++) {
      double left = labels.nextDouble();
      int label = -1;
      // rounding may leave a rest behind the last label
      while (left >= 0 && label < vocabulary - 1) {
        label++;
        left -= p.getAtIndex(layout, (long) t * vocabulary + label);
      }
      drawn[t] = label;
    }
    return Tensor.of(drawn, drawn.length);
  }

  /** Outputs of all layers of blocks in one pass. */
  private static final class Outputs implements ActivationObserver, AutoCloseable {
    private final String head;
    private final List<String> names = new ArrayList<>();
    private final List<Tensor> tensors = new ArrayList<>();
    private final TensorOwner owner = new TensorOwner();

    Outputs(String head) {
      this.head = head;
    }

    @Override
    public void input(List<String> layers, Tensor x) {}

    @Override
    public void output(String name, Tensor y) {
      if (!name.equals(head)) {
        names.add(name);
        tensors.add(owner.own(y));
      }
    }

    @Override
    public void close() {
      owner.close();
    }
  }

  /**
   * G [rows, rows] of a layer's output, and under the embeddings' name [d, d] that of the residual
   * stream at its beginning; valid until these statistics are closed.
   */
  public Tensor outputGradient(String layer) {
    Tensor g = gradients.get(layer);
    if (g == null) {
      throw new IllegalArgumentException("no layer " + layer + " was seen");
    }
    return g;
  }

  /**
   * E[p (1 - p)] of every token's probability p [vocabulary]: the diagonal of the head's G, which
   * as a whole would be a matrix over the vocabulary. Valid until these statistics are closed.
   */
  public Tensor logitVariances() {
    return logitVariances;
  }

  /** Number of tokens seen. */
  public long tokens() {
    return tokens;
  }

  @Override
  public void close() {
    owner.close();
  }
}
