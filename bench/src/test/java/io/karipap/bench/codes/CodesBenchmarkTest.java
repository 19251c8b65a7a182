package io.karipap.bench.codes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.karipap.network.Metric;
import io.karipap.tensor.DType;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import io.karipap.testing.SharedFiles;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CodesBenchmarkTest {

  private record Call(int status, String out, String err) {
    static Call of(Object... words) {
      var out = new ByteArrayOutputStream();
      var err = new ByteArrayOutputStream();
      int status =
          CodesBenchmark.run(
              List.of(words).stream().map(Object::toString).toList(),
              new PrintStream(out, true, UTF_8),
              new PrintStream(err, true, UTF_8));
      return new Call(status, out.toString(UTF_8), err.toString(UTF_8));
    }
  }

  /** Gaussian numbers in an identity metric: a scalar quantizer is 0.254 bit above the limit. */
  @Test
  void aGaussianMatrixIsAQuarterOfABitAboveTheLimit() {
    try (var _ = new TensorScope()) {
      Tensor w = new RandomTensors(2).normal(DType.F64, 256, 256);
      MatrixSubject subject = MatrixSubject.of(w, Metric.identity(256));
      MatrixCode code = MatrixCode.of(subject, Math.pow(4, -4));
      double n = code.numbers();
      // 4 bits and 0.254; a dead zone of a tenth of a step costs some loss and saves some bits
      assertThat(code.beyond()).isZero();
      assertThat(code.entropy() / n).isBetween(4.1, 4.3);
      assertThat((code.entropy() - subject.limit().bitsOf(2 * code.loss())) / n)
          .isCloseTo(0.254, within(0.03));
      assertThat(code.bits()).isGreaterThan(code.entropy());
      // the coder itself: table and side information apart, within 0.02 bit of the entropy
      double side = 12.0 * (256 + 256);
      assertThat((code.bits() - side - code.entropy()) / n).isLessThan(0.06);
      assertThat(2 * code.loss() / n).isCloseTo(Math.pow(4, -4), within(0.15 * Math.pow(4, -4)));
    }
  }

  /**
   * With steps of 1, 1000 is no byte: it is kept apart, at a price, and its loss is that of all.
   */
  @Test
  void integersThatAreNoBytesAreKeptApart() {
    try (var _ = new TensorScope()) {
      Tensor w = Tensor.of(new double[] {1, -2, 1000, -1000}, 2, 2);
      MatrixCode code = MatrixCode.of(MatrixSubject.of(w, Metric.identity(2)), 1.0 / 12);
      assertThat(code.beyond()).isEqualTo(2);
      assertThat(code.bits()).isGreaterThan(2 * 48);
      assertThat(code.loss()).isLessThan(1e-2);
    }
  }

  @Test
  void aModelsMatricesAreCodedAtTheRateAskedFor(@TempDir Path folder) throws Exception {
    Path text = folder.resolve("text.txt");
    Files.writeString(text, "Once upon a time there was a girl who loved her dog. ".repeat(200));
    Call call =
        Call.of(
            SharedFiles.model("stories260K"),
            "--calibration",
            text,
            "--tokens",
            1024,
            "--bits",
            "3");
    assertThat(call.err()).isEmpty();
    List<String> row = List.of(call.out().lines().toList().getLast().split("\\s*\\|\\s*"));
    assertThat(Double.parseDouble(row.get(1))).isCloseTo(3, within(0.1));
    assertThat(Double.parseDouble(row.get(2))).isLessThan(Double.parseDouble(row.get(1)));
    assertThat(Double.parseDouble(row.get(3))).isLessThan(Double.parseDouble(row.get(2)));
    assertThat(call.status()).isZero();
  }

  @Test
  void wrongCallsGetOneLine() {
    Call lonely = Call.of("karipap-tales");
    assertThat(lonely.status()).isEqualTo(2);
    assertThat(lonely.err()).contains("needs --calibration").hasLineCount(1);
    assertThat(Call.of("--bits", "9").err()).contains("--bits 0.5 to 7").hasLineCount(1);
  }
}
