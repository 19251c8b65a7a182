package io.karipap.compress.quantize;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.artifact.ArtifactManifest;
import io.karipap.checkpoint.artifact.MatrixEntry;
import io.karipap.checkpoint.safetensors.ElementType;
import io.karipap.compress.Progress;
import io.karipap.compress.QuantizationSpec;
import io.karipap.compress.calibrate.Calibration;
import io.karipap.compress.calibrate.CalibrationSplit;
import io.karipap.compress.fit.WeightedMatrices;
import io.karipap.compress.progress.LoggedProgress;
import io.karipap.compress.report.ArtifactUpdate;
import io.karipap.compress.report.ReportRecord;
import io.karipap.compress.report.ReportRecord.Step;
import io.karipap.compress.store.FittedMatrix;
import io.karipap.model.arch.Decoder;
import io.karipap.model.family.Architectures;
import io.karipap.model.io.LoadedModel;
import io.karipap.model.io.WeightsInMemory;
import io.karipap.model.text.Documents;
import io.karipap.network.BlockTensorTrain;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.network.LowRank;
import io.karipap.network.Pepo;
import io.karipap.network.Quantized;
import io.karipap.network.SharedTensors;
import io.karipap.network.Sparse;
import io.karipap.network.Sum;
import io.karipap.network.UnitCell;
import io.karipap.network.quantize.QuantizationScheme;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Stores the numbers of a finished compressed model, healed or not, in fewer bits. Norm gains and
 * biases, a thousandth of a model, stay float32.
 */
public final class ArtifactQuantization {

  private ArtifactQuantization() {}

  /**
   * Writes the artifact with its numbers in 16 bits; quantized numbers are unchanged.
   *
   * @param architectures the families that it may be of
   * @param output folder of the new artifact; may be that of the old one
   * @param type {@link ElementType#F16} or {@link ElementType#BF16}
   * @param command that a person typed to ask for this, for the report
   * @throws CheckpointException if the input is not an artifact, or holds numbers that are too
   *     large for the type
   * @throws IllegalArgumentException for another type
   */
  public static void toHalf(
      Path artifact,
      Architectures architectures,
      Path output,
      ElementType type,
      Optional<String> command) {
    DType narrow = half(type);
    try (var _ = new TensorScope();
        var model = LoadedModel.open(artifact, architectures)) {
      long start = System.nanoTime();
      ArtifactManifest manifest = manifest(model);
      // shared tensors stay shared
      UnaryOperator<Tensor> narrowed = SharedTensors.once(t -> narrowed(t, narrow));
      Map<String, Factorization> matrices = new LinkedHashMap<>();
      model.weights().matrices().forEach((name, f) -> matrices.put(name, narrowed(f, narrowed)));
      ArtifactUpdate.write(
          model,
          output,
          model.weights().with(matrices),
          manifest.matrices(),
          Step.of(
              "stored as " + (type == ElementType.F16 ? "float16" : "bfloat16"),
              command,
              List.of("model: " + artifact, "numbers: " + type),
              (System.nanoTime() - start) * 1e-9,
              Optional.empty()));
    }
  }

  /**
   * Writes the artifact with quantized numbers. The target is the compressed model's own matrices,
   * in the metric of its own layers' inputs. The errors in the manifest are of this rounding alone.
   *
   * @param architectures the families that it may be of
   * @param output folder of the new artifact; may be that of the old one
   * @param calibration UTF-8 text that the layers' inputs are taken from
   * @param tokens of it to use at most, spread evenly over it
   * @param command that a person typed to ask for this, for the report
   * @throws CheckpointException if an input is bad
   * @throws IllegalArgumentException if numbers are coded already, or shared between blocks
   */
  public static void toCodes(
      Path artifact,
      Architectures architectures,
      Path output,
      Path calibration,
      int tokens,
      QuantizationScheme scheme,
      Optional<String> command,
      Progress progress) {
    Progress stages = LoggedProgress.of(progress);
    long start = System.nanoTime();
    try (var _ = new TensorScope();
        var owner = new TensorOwner();
        var model = LoadedModel.open(artifact, architectures)) {
      var _ = manifest(model);
      Documents documents = Documents.read(calibration);
      Map<String, QuantizationSpec> numbers = new LinkedHashMap<>();
      model
          .weights()
          .matrices()
          .keySet()
          .forEach(name -> numbers.put(name, QuantizationSpec.of(scheme)));
      List<FittedMatrix> rounded;
      try (var statistics =
          CalibrationSplit.whole(model.config(), documents.encode(model.tokenizer()), tokens)
              .statistics(new Decoder(model.architecture(), model.weights()), stages)) {
        rounded =
            new ModelQuantization(
                    new WeightedMatrices(
                        new WeightsInMemory(model.architecture(), model.weights()),
                        Calibration.of(statistics)),
                    numbers)
                .run(model.weights(), true, stages, owner);
      }
      Map<String, Factorization> matrices = new LinkedHashMap<>();
      rounded.forEach(matrix -> matrices.put(matrix.entry().name(), matrix.factorization()));
      List<MatrixEntry> entries = rounded.stream().map(FittedMatrix::entry).toList();
      ArtifactUpdate.write(
          model,
          output,
          model.weights().with(matrices),
          entries,
          Step.of(
              "coded as %s in groups of %d %s"
                  .formatted(scheme.format().label(), scheme.group(), ReportRecord.ROUNDING_ERRORS),
              command,
              List.of(
                  "model: " + artifact,
                  "numbers: " + scheme.format().label(),
                  "group: " + scheme.group(),
                  "calibration: " + calibration,
                  "calibration tokens: " + tokens),
              (System.nanoTime() - start) * 1e-9,
              Optional.empty()));
    }
  }

  private static DType half(ElementType type) {
    return switch (type) {
      case F16 -> DType.F16;
      case BF16 -> DType.BF16;
      case F64, F32, I64, I32, I16, I8, U8, BOOL ->
          throw new IllegalArgumentException(
              "numbers are narrowed to 16 bits, F16 or BF16, not to " + type);
    };
  }

  private static Tensor narrowed(Tensor tensor, DType type) {
    Tensor narrow = tensor.to(type);
    if (!narrow.isFinite()) {
      throw new CheckpointException(
          "the model holds numbers that are too large for %s: store it in BF16".formatted(type));
    }
    return narrow;
  }

  private static Factorization narrowed(Factorization factorization, UnaryOperator<Tensor> narrow) {
    return switch (factorization) {
      case Quantized f -> f;
      case Sum f -> new Sum(narrowed(f.base(), narrow), narrowed(f.correction(), narrow));
      case Dense _, LowRank _, BlockTensorTrain _, Pepo _, UnitCell _, Sparse _ ->
          factorization.map(narrow);
    };
  }

  private static ArtifactManifest manifest(LoadedModel model) {
    return model
        .manifest()
        .orElseThrow(() ->
            new CheckpointException(
                model.folder() + " is not a compressed model: compress one first"));
  }
}
