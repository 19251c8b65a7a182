package io.karipap;

import io.karipap.compress.CompressionRequest;
import io.karipap.compress.CompressionResult;
import io.karipap.compress.Progress;
import io.karipap.compress.pipeline.Compression;
import io.karipap.compress.profile.Profile;
import io.karipap.compress.report.ProfileReport;
import java.nio.file.Path;

/**
 * Compresses language models.
 *
 * <pre>{@code
 * CompressionResult result = Karipap.compress(Path.of("tinyllama"))
 *     .calibration(Path.of("text.txt")).memory(0.07).heal(1_000_000)
 *     .progress(Progress.logging()).to(Path.of("small"));
 * }</pre>
 *
 * <p>Models are folders in Hugging Face layout: config.json, model.safetensors and the tokenizer's
 * files. Compressed models are such folders, too. Bad input is an {@link IllegalArgumentException}
 * where a parameter is wrong, and a {@link io.karipap.checkpoint.CheckpointException} where a file
 * is; the message says what is wrong, where, and what to do.
 */
public final class Karipap {

  private Karipap() {}

  /** A compression of the model in a folder. */
  public static CompressionBuilder compress(Path model) {
    return new CompressionBuilder(model);
  }

  /**
   * Runs a compression that is described by a record.
   *
   * @throws io.karipap.checkpoint.CheckpointException if an input is bad or the output cannot be
   *     written
   * @throws IllegalArgumentException if the request cannot be met
   */
  public static CompressionResult compress(CompressionRequest request, Progress progress) {
    return Compression.run(request, progress);
  }

  /** A distillation of a compressed model from its original; the healed model replaces it. */
  public static HealingBuilder heal(Path artifact) {
    return new HealingBuilder(artifact);
  }

  /** The numbers of a compressed model in fewer bits, whatever was done to it before. */
  public static QuantizationBuilder quantize(Path artifact) {
    return new QuantizationBuilder(artifact);
  }

  /** Entanglement, effective ranks and sensitivities of a model's matrices. */
  public static ProfileBuilder profile(Path model) {
    return new ProfileBuilder(model);
  }

  /** The same model in another basis, its logits unchanged, as an ordinary model. */
  public static GaugeBuilder gauge(Path model) {
    return new GaugeBuilder(model);
  }

  /** A profile as a page of heat maps: one HTML file without scripts. */
  public static String html(Profile profile) {
    return ProfileReport.html(profile);
  }
}
