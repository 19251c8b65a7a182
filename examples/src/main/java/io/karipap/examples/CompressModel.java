package io.karipap.examples;

import io.karipap.Karipap;
import io.karipap.compress.CompressionResult;
import io.karipap.compress.FactorizationKind;
import io.karipap.compress.Progress;
import java.nio.file.Path;

/** Compresses a model: {@code CompressModel [MODEL [TEXT [OUTPUT]]]}. */
public final class CompressModel {

  private CompressModel() {}

  /** The program; without arguments it halves the bundled model. */
  public static void main(String[] args) {
    Path model = Path.of(args.length > 0 ? args[0] : "models/karipap-tales");
    Path text = args.length > 1 ? Path.of(args[1]) : model.resolve("calibration.txt");
    Path output = Path.of(args.length > 2 ? args[2] : "small");
    CompressionResult result =
        Karipap.compress(model)
            .calibration(text)
            .calibrationTokens(2048) // more text and heal(...) give better models, and take longer
            .parameters(0.5)
            .form(FactorizationKind.LOWRANK)
            .progress(Progress.logging())
            .to(output);
    System.out.printf("%.1f %% of the parameters%n", 100 * result.parameterRatio());
  }
}
