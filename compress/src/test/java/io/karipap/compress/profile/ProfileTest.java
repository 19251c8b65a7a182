package io.karipap.compress.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.compress.Progress;
import io.karipap.compress.SharedTexts;
import io.karipap.compress.SiteGrid;
import io.karipap.compress.report.ProfileReport;
import io.karipap.model.calibrate.CalibrationStatistics;
import io.karipap.model.family.Architectures;
import io.karipap.model.io.LoadedModel;
import io.karipap.model.text.Documents;
import io.karipap.model.text.Windows;
import io.karipap.model.text.Windows.Window;
import io.karipap.network.Dense;
import io.karipap.tensor.Autograd;
import io.karipap.tensor.DType;
import io.karipap.tensor.Functions;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The profile of a real model, held against its parts computed another way. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProfileTest {

  private static final String LAYER = "model.layers.2.mlp.up_proj";

  private Path text = Path.of("");
  private List<MatrixProfile> matrices = List.of();

  @BeforeAll
  void profileAModel(@TempDir Path folder) throws IOException {
    String stories = Files.readString(SharedTexts.CALIBRATION).substring(0, 20_000);
    text = Files.writeString(folder.resolve("text.txt"), stories);
    matrices = Profile.of(request(text), Architectures.standard(), Progress.NONE).matrices();
  }

  private static ProfileRequest request(Path text) {
    return new ProfileRequest(SharedTexts.STORIES, text, SiteGrid.RING, 2048, 512, 3);
  }

  private MatrixProfile layer() {
    return matrices.stream().filter(m -> m.matrix().name().equals(LAYER)).findFirst().orElseThrow();
  }

  /** The windows that the profile was made on: the last fifth is held out. */
  private static List<Window> windows(List<Window> all, boolean heldOut) {
    int first = all.size() - all.size() / 5;
    return heldOut
        ? Windows.spread(all.subList(first, all.size()), 512)
        : Windows.spread(all.subList(0, first), 2048);
  }

  @Test
  void everyMatrixOfEveryBlockIsThere() {
    assertThat(matrices).hasSize(5 * 7);
    for (MatrixProfile m : matrices) {
      assertThat(m.plain()).hasSize(8); // rows and columns, seven bipartitions of four sites
      assertThat(m.metric()).hasSize(8);
      assertThat(m.sensitivity().measured()).isPositive();
      assertThat(m.sensitivity().estimated()).isPositive();
      for (Entanglement e : m.metric()) {
        assertThat(e.renyi2()).isBetween(0.0, e.entropy());
        assertThat(e.entropy()).isLessThanOrEqualTo(Math.log(e.dimension()));
      }
    }
  }

  /** From eigenvalues of W C W^T instead of singular values of W C^1/2. */
  @Test
  void entropyAndRankAreThoseOfTheOutputsCovariance() {
    try (var _ = new TensorScope();
        var model = LoadedModel.open(SharedTexts.STORIES)) {
      var documents = Documents.read(text).encode(model.tokenizer());
      List<Window> all = Windows.cut(documents, 512);
      try (var statistics =
          CalibrationStatistics.collect(model.decoder(), documents, windows(all, false), _ -> {})) {
        Tensor w = model.weights().matrix(LAYER).matrix().to(DType.F64);
        Tensor output = w.matmul(statistics.covariance(LAYER)).matmul(w.transpose());
        double[] values = Linalg.eigh(output).values().toDoubles();
        double[] p = Arrays.stream(values).map(v -> Math.max(v, 0)).toArray();
        double sum = Arrays.stream(p).sum();
        double entropy = 0;
        for (double v : p) {
          entropy -= v > 0 ? v / sum * Math.log(v / sum) : 0;
        }
        assertThat(layer().rowsAndColumns().entropy()).isCloseTo(entropy, within(1e-6));
        int rank = p.length; // eigenvalues increase
        for (double tail = 0; tail + p[p.length - rank] <= 0.1 * sum; rank--) {
          tail += p[p.length - rank];
        }
        assertThat(layer().rank()).isEqualTo(rank);
      }
    }
  }

  /** The divergence written out for one matrix replaced by an optimum found by projection. */
  @Test
  void theMeasuredDivergenceIsThatOfTheModelWithThisMatrixReplaced() {
    try (var _ = new TensorScope();
        var _ = Autograd.off();
        var model = LoadedModel.open(SharedTexts.STORIES)) {
      var decoder = model.decoder();
      var documents = Documents.read(text).encode(model.tokenizer());
      List<Window> all = Windows.cut(documents, 512);
      try (var statistics =
          CalibrationStatistics.collect(decoder, documents, windows(all, false), _ -> {})) {
        Tensor w = model.weights().matrix(LAYER).matrix().to(DType.F64);
        Tensor output = w.matmul(statistics.covariance(LAYER)).matmul(w.transpose());
        // the optimum is the projection on the leading eigenvectors of W C W^T (Swift-SVD)
        int m = w.size(0);
        int rank = layer().sensitivity().rank();
        assertThat(rank).isEqualTo((int) (0.3 * m * w.size(1)) / (m + w.size(1)));
        Tensor u = Linalg.eigh(output).vectors().narrow(1, m - rank, rank);
        Tensor v = u.matmul(u.transpose().matmul(w)).to(DType.F32);
        var changed = decoder.with(Map.of(LAYER, new Dense(v)));
        double kl = 0;
        long tokens = 0;
        for (Window window : windows(all, true)) {
          long[] ids = documents.get(window.document()).slice(window.start(), window.length());
          Tensor input = Tensor.of(ids, 1, ids.length);
          int predicted = ids.length - 1;
          Tensor p = Functions.logSoftmax(decoder.logits(input)).narrow(1, 0, predicted);
          Tensor q = Functions.logSoftmax(changed.logits(input)).narrow(1, 0, predicted);
          kl += p.exp().mul(p.sub(q)).sum().item();
          tokens += predicted;
        }
        double measured = layer().sensitivity().measured();
        assertThat(measured).isCloseTo(kl / tokens, within(1e-3 * measured));
      }
    }
  }

  /** The estimate cannot be right for errors of a third, but it must tell small from large. */
  @Test
  void theEstimateOrdersTheMatricesMuchAsTheMeasurementDoes() {
    Profile profile = new Profile("model", matrices, 1, 1, 0);
    assertThat(profile.rankCorrelation(Sensitivity::estimated)).isGreaterThan(0.6);
  }

  @Test
  void thePageHasEveryMatrixInEveryMapAndNoScripts() {
    String html = ProfileReport.html(new Profile("model", matrices, 1, 1, 0));
    assertThat(html).doesNotContain("<script").doesNotContain("http").doesNotContain("NaN");
    for (MatrixProfile m : matrices) {
      assertThat(html.split("<title>" + m.matrix().name() + ":", -1)).hasSize(1 + 5);
    }
  }

  @Test
  void aTextOfOneWindowIsRefused(@TempDir Path folder) throws IOException {
    Path little = Files.writeString(folder.resolve("little.txt"), "Once upon a time.");
    assertThatThrownBy(() -> Profile.of(request(little), Architectures.standard(), Progress.NONE))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("give a longer text");
  }
}
