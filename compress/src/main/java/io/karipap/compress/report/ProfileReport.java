package io.karipap.compress.report;

import io.karipap.compress.profile.MatrixProfile;
import io.karipap.compress.profile.Profile;
import io.karipap.model.arch.MatrixSpec;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** The profile as a page of heat maps by block and family. One file, no scripts. */
public final class ProfileReport {

  /** Decades of a divergence that a map tells apart. */
  private static final double DECADES = 3;

  private ProfileReport() {}

  /** The page. */
  public static String html(Profile profile) {
    StringBuilder html = new StringBuilder();
    html.append(
            "<p class=\"brand\">KARIPAP PROFILE</p>\n<h1>%s</h1>\n"
                .formatted(Html.escaped(profile.model())))
        .append(
            "<p>How well every matrix W compresses, and how much the model depends on it. C is the covariance of the inputs of W: WC<sup>½</sup> is W weighted by the inputs that occur. Statistics on %s tokens, divergences measured on %s held-out tokens.</p>\n"
                .formatted(
                    Figures.count(profile.calibrationTokens()), Figures.count(profile.tokens())));
    map(
        html,
        "Entanglement of rows and columns",
        "Entropy of the singular values of WC<sup>½</sup> as a share of the most it could be, from 0 to 1, and the effective rank. A stronger color is harder to compress.",
        profile,
        m ->
            cell(
                m.rowsAndColumns().filling(),
                "%.2f",
                m.rowsAndColumns().filling(),
                "rank %.0f of %d"
                    .formatted(
                        m.rowsAndColumns().effectiveRank(), m.rowsAndColumns().dimension())));
    map(
        html,
        "Entanglement across the lattice",
        "Mean over the cuts of the lattice of the entropy of WC<sup>½</sup> as a share of the most the cut allows, from 0 to 1. "
            + sites(profile),
        profile,
        m ->
            m.outputs().isEmpty()
                ? new HeatMap.Cell(0, "–", "")
                : cell(m.latticeFilling(), "%.2f", m.latticeFilling(), ""));
    map(
        html,
        "Parameters needed",
        "Share of its parameters that a low-rank pair needs for a squared error of %.0f %% weighted by the inputs, and its rank; above 100 %% the matrix itself is smaller."
            .formatted(100 * Profile.ERROR),
        profile,
        m -> cell(m.share(), "%.0f %%", 100 * m.share(), "rank " + m.rank()));
    divergence(html, "measured", profile, m -> m.sensitivity().measured());
    divergence(html, "estimated", profile, m -> m.sensitivity().estimated());
    return Html.page("KARIPAP: profile of %s".formatted(profile.model()), html.toString());
  }

  private static void divergence(
      StringBuilder html, String how, Profile profile, ToDoubleFunction<MatrixProfile> divergence) {
    double largest = profile.matrices().stream().mapToDouble(divergence).max().orElse(1);
    map(
        html,
        "Sensitivity, " + how,
        "KL divergence in millinats per token, %s, when this matrix alone is cut to the best low-rank pair of %.0f %% of its parameters; under it the relative squared error of that pair, weighted by the inputs. Shades are logarithmic."
            .formatted(how, 100 * Profile.SHARE),
        profile,
        m ->
            cell(
                1 + Math.log10(divergence.applyAsDouble(m) / largest) / DECADES,
                "%.1f",
                1000 * divergence.applyAsDouble(m),
                "error² %.2f".formatted(m.sensitivity().squaredError())));
  }

  private static HeatMap.Cell cell(double shade, String format, double value, String note) {
    return new HeatMap.Cell(shade, String.format(Locale.ROOT, format, value), note);
  }

  /** The sizes of the lattice, once for all matrices of a shape. */
  private static String sites(Profile profile) {
    Map<String, Set<String>> families = new LinkedHashMap<>();
    for (MatrixProfile m : profile.matrices()) {
      String sites =
          m.outputs().isEmpty()
              ? "no lattice"
              : "%s outputs by %s inputs".formatted(product(m.outputs()), product(m.inputs()));
      families
          .computeIfAbsent(sites, _ -> new LinkedHashSet<>())
          .add(Families.column(m.matrix().role()));
    }
    return families.entrySet().stream()
        .map(shape -> "%s: %s".formatted(String.join(", ", shape.getValue()), shape.getKey()))
        .collect(Collectors.joining("; ", "Sizes of the sites of ", "."));
  }

  private static String product(List<Integer> sizes) {
    return sizes.stream().map(String::valueOf).collect(Collectors.joining("·"));
  }

  private static void map(
      StringBuilder html,
      String title,
      String meaning,
      Profile profile,
      Function<MatrixProfile, HeatMap.Cell> cells) {
    Map<MatrixSpec, MatrixProfile> byName =
        profile.matrices().stream()
            .collect(Collectors.toMap(MatrixProfile::matrix, Function.identity()));
    List<MatrixSpec> names = profile.matrices().stream().map(MatrixProfile::matrix).toList();
    html.append("<section><h2>%s</h2>\n<p>%s</p>\n".formatted(title, meaning))
        .append(
            HeatMap.html(
                title + ", by block and family of matrices",
                names,
                name -> cells.apply(Objects.requireNonNull(byName.get(name)))))
        .append("</section>\n");
  }
}
