package io.karipap.bench.codes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.karipap.checkpoint.codec.Trellis;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  /**
   * Gaussian numbers in an identity metric: a scalar quantizer is 0.254 bit above the limit at high
   * rates, a trellis of 8 states 0.10 (references: squared errors at 2 and 3 bits, 0.10 and 0.08).
   */
  @ParameterizedTest
  @CsvSource({"1, 0.254", "8, 0.10"})
  void aGaussianMatrixIsAboveTheLimitByWhatItsQuantizerLoses(int states, double excess) {
    try (var _ = new TensorScope()) {
      Tensor w = new RandomTensors(2).normal(DType.F64, 256, 256);
      MatrixSubject subject = MatrixSubject.of(w, Metric.identity(256));
      MatrixCode code = MatrixCode.of(subject, Math.pow(4, -3.5), Trellis.of(states));
      double n = code.numbers();
      assertThat((code.entropy() - subject.limit().bitsOf(2 * code.loss())) / n)
          .isCloseTo(excess, within(0.02));
      // the coder itself: scales, classes and tables apart, within 0.02 bit of the entropy
      double side = 12.0 * (256 + 256);
      assertThat((code.bits() - side - code.entropy()) / n).isBetween(0.0, 0.08);
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
            "3",
            "--states",
            "8");
    assertThat(call.err()).isEmpty();
    List<String> row = List.of(call.out().lines().toList().getLast().split("\\s*\\|\\s*"));
    assertThat(Double.parseDouble(row.get(2))).isCloseTo(3, within(0.1));
    assertThat(Double.parseDouble(row.get(3))).isLessThan(Double.parseDouble(row.get(2)));
    assertThat(Double.parseDouble(row.get(4))).isLessThan(Double.parseDouble(row.get(3)));
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
