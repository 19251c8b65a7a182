package io.karipap.compress.report;

import io.karipap.checkpoint.artifact.ArtifactManifest;
import io.karipap.checkpoint.artifact.MatrixEntry;
import io.karipap.checkpoint.safetensors.ElementType;
import io.karipap.compress.AllocationTrace;
import io.karipap.compress.GaugeTrial;
import io.karipap.compress.report.ReportRecord.Step;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Role;
import io.karipap.model.arch.VectorSpec;
import io.karipap.model.arch.Weights;
import io.karipap.model.io.StoredFactorization;
import io.karipap.model.io.TensorFiles;
import io.karipap.network.Factorization;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * The report of a compressed model: report.html for people, one file without scripts that needs no
 * network, and report.json, from which later steps write it anew.
 *
 * @param architecture of the original
 * @param manifest of the compressed model
 * @param bytes of every matrix as written, by name
 * @param vectors numbers in norm gains and biases
 * @param vectorBytes bytes of them as written
 * @param record how the model came about
 * @param trace how sizes and forms were chosen over the whole model, if they were
 */
public record CompressionReport(
    Architecture architecture,
    ArtifactManifest manifest,
    Map<String, Long> bytes,
    long vectors,
    long vectorBytes,
    ReportRecord record,
    Optional<AllocationTrace> trace) {

  /** The name of the page. */
  public static final String FILE = "report.html";

  private static final long FLOAT32 = 4;

  /** The report of weights as they are written. */
  public static CompressionReport of(
      Architecture architecture,
      Weights weights,
      ArtifactManifest manifest,
      ReportRecord record,
      Optional<AllocationTrace> trace) {
    Map<String, Long> bytes = new HashMap<>();
    weights.matrices().forEach((name, matrix) -> bytes.put(name, written(name, matrix)));
    long vectors = weights.vectors().values().stream().mapToLong(Tensor::elements).sum();
    long vectorBytes = written(weights.vectors());
    return new CompressionReport(
        architecture, manifest, bytes, vectors, vectorBytes, record, trace);
  }

  private static long written(String name, Factorization matrix) {
    try (var _ = new TensorScope()) {
      return written(StoredFactorization.tensors(name, matrix));
    }
  }

  private static long written(Map<String, Tensor> tensors) {
    return tensors.entrySet().stream()
        .mapToLong(t -> TensorFiles.info(t.getKey(), t.getValue(), ElementType.F32).bytes())
        .sum();
  }

  /** The contents of the report's files by their names. */
  public SequencedMap<String, String> files() {
    SequencedMap<String, String> files = new LinkedHashMap<>();
    files.put(FILE, html());
    files.put(ReportRecord.FILE, record.toJson());
    return files;
  }

  /** The page. */
  String html() {
    String name = record.original().isEmpty() ? "A model" : record.original();
    StringBuilder body = new StringBuilder();
    body.append("<p class=\"brand\">KARIPAP COMPRESSION REPORT</p>\n")
        .append("<h1>%s, compressed</h1>\n".formatted(Html.escaped(name)))
        .append("<p class=\"muted\">%s</p>\n".formatted(Html.escaped(shown(manifest.method()))))
        .append(warning())
        .append(glance().html())
        .append("<div class=\"columns\">\n")
        .append(families())
        .append(errors())
        .append("</div>\n");
    trace.ifPresent(t -> body.append(AllocationChart.html(t)));
    record.lastMeasurements().ifPresent(m -> body.append(continuations(m)));
    body.append(steps()).append(trials()).append(MatrixTable.html(manifest.matrices(), bytes));
    return Html.page("KARIPAP: %s, compressed".formatted(name), body.toString());
  }

  /** Measurements of a model that was changed after them are no longer its own. */
  private String warning() {
    List<String> later = record.unmeasured().stream().map(Step::action).toList();
    if (later.isEmpty() || record.lastMeasurements().isEmpty()) {
      return "";
    }
    return """
    <p class="note"><b>Changed since it was measured:</b> %s. Sizes, forms and errors on this page are those of \
    the model as it is. What is marked “before the change” is older: KL divergence, agreement, loss, perplexity, \
    top-1, speed and the continued texts. The original was not at hand: evaluate the model against it to know \
    them.</p>
    """
        .formatted(Html.escaped(shown(String.join("; ", later))));
  }

  /** The page explains errors of a rounding where it shows them. */
  private static String shown(String action) {
    return action.replace(" " + ReportRecord.ROUNDING_ERRORS, "");
  }

  private GlanceSection glance() {
    long before =
        architecture.matrices().stream().mapToLong(MatrixSpec::elements).sum() + originalVectors();
    long after = manifest.matrices().stream().mapToLong(MatrixEntry::parameters).sum() + vectors;
    return new GlanceSection(
        before,
        after,
        FLOAT32 * before,
        bytes.values().stream().mapToLong(Long::longValue).sum() + vectorBytes,
        record.originalBytes(),
        record.lastMeasurements(),
        older());
  }

  /** Whether the model was changed after its last measurements. */
  private boolean older() {
    return !record.unmeasured().isEmpty();
  }

  private long originalVectors() {
    return architecture.vectors().stream().mapToLong(VectorSpec::size).sum();
  }

  /** The original's matrices, and the one that a gauge may have added. */
  private List<MatrixSpec> specs() {
    List<MatrixSpec> specs = new ArrayList<>(architecture.matrices());
    if (bytes.containsKey(architecture.headGain().name())) {
      specs.add(architecture.headGain());
    }
    return specs;
  }

  private String families() {
    SequencedMap<String, FamilyChart.Family> families = new LinkedHashMap<>();
    for (MatrixSpec spec : specs()) {
      boolean added = spec.role() == Role.HEAD_GAIN;
      add(
          families,
          new FamilyChart.Family(
              Families.label(spec.role()),
              added ? 0 : FLOAT32 * spec.elements(),
              bytes.getOrDefault(spec.name(), 0L)));
    }
    add(
        families,
        new FamilyChart.Family("norms, biases", FLOAT32 * originalVectors(), vectorBytes));
    return """
    <section>
    <h2>Bytes by family</h2>
    <figure class="chart">%s<figcaption><span class="key">original in float32</span> &nbsp; \
    <span class="key after">compressed</span></figcaption></figure>
    </section>
    """
        .formatted(FamilyChart.of(List.copyOf(families.values())));
  }

  private static void add(Map<String, FamilyChart.Family> families, FamilyChart.Family family) {
    families.merge(
        family.label(),
        family,
        (a, b) ->
            new FamilyChart.Family(a.label(), a.before() + b.before(), a.after() + b.after()));
  }

  private String errors() {
    Map<String, MatrixEntry> byName = new HashMap<>();
    manifest.matrices().forEach(entry -> byName.put(entry.name(), entry));
    List<MatrixSpec> shown =
        architecture.matrices().stream().filter(spec -> byName.containsKey(spec.name())).toList();
    String map =
        HeatMap.html(
            "Error of every matrix, by block and family; the table of matrices has the same figures",
            shown,
            spec -> {
              MatrixEntry entry = Objects.requireNonNull(byName.get(spec.name()));
              return new HeatMap.Cell(entry.error(), Figures.decimals(entry.error(), 3), "");
            });
    return """
    <section>
    <h2>Error by block and family</h2>
    %s<p class="small muted">‖(W−V)X‖ / ‖WX‖: 0 if the outputs stay the same; a stronger color is more. \
    %s</p>
    </section>
    """
        .formatted(
            map,
            record.errorsOfRounding()
                ? "W is a matrix of the compressed model before its rounding, V the same after it, and X are inputs "
                    + "from the text of the rounding. The errors of the fit are not in these; the report of the "
                    + "model that was quantized has them."
                : "W is a matrix of the original, V its replacement after the last fit or rounding, and X are inputs "
                    + "from the calibration text. Healing after that moves V on purpose.");
  }

  private String continuations(Measurements m) {
    return """
    <section>
    <h2>The same prompt, continued by both</h2>
    <p class="small muted">The prompt in bold is the beginning of a document of the measured text. Each model adds \
    its likeliest token, up to 40 times.</p>
    <div class="columns">
    %s%s</div>
    </section>
    """
        .formatted(
            continuation("Original", m.prompt(), m.original().continuation()),
            continuation(
                older() ? "Compressed, " + GlanceSection.BEFORE : "Compressed",
                m.prompt(),
                m.compressed().continuation()));
  }

  private static String continuation(String model, String prompt, String text) {
    return "<div><h3>%s</h3><blockquote><b>%s</b>%s</blockquote></div>\n"
        .formatted(model, Html.escaped(prompt), Html.escaped(text));
  }

  private String steps() {
    StringBuilder html = new StringBuilder("<section>\n<h2>How to repeat it</h2>\n");
    for (Step step : record.steps()) {
      html.append(
          "<p class=\"small muted\">%s, in %s, by KARIPAP %s%s</p>\n"
              .formatted(
                  Html.escaped(shown(step.action())),
                  Figures.duration(step.seconds()),
                  Html.escaped(step.version()),
                  step.measurements()
                      .map(
                          m -> "; KL divergence %s after it".formatted(Figures.decimals(m.kl(), 4)))
                      .orElse("")));
      html.append(
          Html.command(step.command().orElseGet(() -> String.join("\n", step.parameters()))));
    }
    return html.append(
            """
            <dl>
            <dt>Calibration text<dd>%s: %s tokens in %s windows of up to %s
            <dt>Its SHA-256<dd><code>%s</code>
            <dt>Seed<dd>%d
            <dt>Gauge<dd>%s
            </dl>
            </section>
            """
                .formatted(
                    Html.escaped(manifest.calibration().source()),
                    Figures.count(manifest.calibration().tokens()),
                    Figures.count(manifest.calibration().windows()),
                    Figures.count(manifest.calibration().context()),
                    Html.escaped(manifest.calibration().digest()),
                    manifest.seed(),
                    manifest.gauge().isEmpty()
                        ? "none: the matrices are in the original's basis"
                        : Html.escaped(String.join(", ", manifest.gauge()))
                            + ": the spaces whose basis was chosen for the fits"))
        .toString();
  }

  private String trials() {
    if (record.trials().isEmpty()) {
      return "";
    }
    StringBuilder rows = new StringBuilder();
    for (GaugeTrial trial : record.trials()) {
      rows.append(
          "<tr><th scope=\"row\">%s<td>%s<td>%s\n"
              .formatted(
                  Html.escaped(trial.name()),
                  Figures.count(trial.extraParameters()),
                  Figures.decimals(trial.meanSquaredError(), 4)));
    }
    return """
    <section>
    <h2>Gauge trials</h2>
    <p>Short fits of the middle block in each gauge, at the same size of the whole model. The gauge with the \
    smallest error was taken.</p>
    %s</section>
    """
        .formatted(
            Html.scrolling(
                "Gauge trials",
                "<table><thead><tr><th scope=\"col\">gauge<th scope=\"col\">numbers it stores"
                    + "<th scope=\"col\">mean squared relative error</thead><tbody>"
                    + rows
                    + "</tbody></table>"));
  }
}
