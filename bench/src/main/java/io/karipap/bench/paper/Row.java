package io.karipap.bench.paper;

import io.karipap.bench.paper.Recipe.Coded;
import io.karipap.bench.paper.Recipe.Compressed;
import io.karipap.bench.paper.Recipe.Half;
import io.karipap.bench.paper.Recipe.Healed;
import io.karipap.bench.paper.Recipe.Original;
import io.karipap.bench.paper.Recipe.Pruned;
import io.karipap.checkpoint.form.EntropyCoding;
import io.karipap.compress.BondFlowSettings;
import io.karipap.compress.Budget;
import io.karipap.compress.CompressionRequest;
import io.karipap.compress.CostUnit;
import io.karipap.compress.FactorizationKind;
import io.karipap.network.quantize.QuantizationScheme;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A row of the table.
 *
 * @param label as printed
 * @param method series of the plot
 * @param recipe of its artifact
 */
record Row(String label, Method method, Recipe recipe) {

  private static final int GROUP = 64;

  /** The original, with which all others are compared. */
  static final Row ORIGINAL = new Row("original", Method.ORIGINAL, new Original());

  /**
   * All rows, in the order of the table.
   *
   * @param shares of the parameters to keep
   * @param budgets of the planner, shares of the original's bytes in float32
   * @param heal whether there are healed rows
   */
  static List<Row> all(List<Double> shares, List<Double> budgets, boolean heal) {
    List<Row> rows = new ArrayList<>();
    rows.add(ORIGINAL);
    rows.add(new Row("16 bit", Method.HALF, new Half(dense("dense", UnaryOperator.identity()))));
    gptq("8 bit", "int8", false, rows);
    gptq("4 bit", "uint4", heal, rows);
    gptq("3 bit", "uint3", heal, rows);
    gptq("2 bit", "uint2", heal, rows);
    gptq("ternary", "ternary", heal, rows);
    gptq("Lloyd-Max 4 bit", "lloyd4", heal, rows);
    gptq("Lloyd-Max 3 bit", "lloyd3", heal, rows);
    gptq("Lloyd-Max 2 bit", "lloyd2", heal, rows);
    half("magnitude pruning 50 %", Method.PRUNING, new Pruned(false), heal, rows);
    half("Wanda pruning 50 %", Method.PRUNING, new Pruned(true), heal, rows);
    for (double share : shares) {
      Recipe pair =
          compressed("lowrank", share, FactorizationKind.LOWRANK, UnaryOperator.identity());
      Recipe chain = compressed("mpo", share, FactorizationKind.MPO, UnaryOperator.identity());
      Recipe flow =
          compressed(
              "flow",
              share,
              FactorizationKind.AUTO,
              r -> r.withFlow(BondFlowSettings.unbounded()).withGauge(Optional.empty()));
      half("low rank " + percent(share), Method.LOW_RANK, pair, heal, rows);
      half("MPO " + percent(share), Method.MPO, chain, heal, rows);
      half("network " + percent(share), Method.NETWORK, flow, heal, rows);
      coded("low rank " + percent(share), Method.LOW_RANK_CODED, pair, heal, rows);
      coded("network " + percent(share), Method.NETWORK_CODED, flow, heal, rows);
    }
    budgets.forEach(budget -> planned(budget, heal, rows));
    budgets.forEach(budget -> entropyCoded(budget, heal, rows));
    return rows;
  }

  /** Integers behind an entropy coder for a budget of bytes; healed by their scales. */
  private static void entropyCoded(double share, boolean heal, List<Row> rows) {
    String label = "entropy-coded " + percent(share);
    Recipe recipe =
        new Compressed(
            slug("coded", share),
            1,
            FactorizationKind.AUTO,
            r ->
                r.withBudget(Budget.share(CostUnit.BYTES, share))
                    .withCoding(EntropyCoding.standard()));
    rows.add(new Row(label, Method.ENTROPY_CODED, recipe));
    if (heal) {
      rows.add(new Row(label + ", healed", Method.ENTROPY_CODED, new Healed(recipe)));
    }
  }

  /** The planner's model for a budget of bytes; healed through its rounding. */
  private static void planned(double share, boolean heal, List<Row> rows) {
    String label = "planner " + percent(share);
    UnaryOperator<CompressionRequest> budget =
        r -> r.withBudget(Budget.share(CostUnit.BYTES, share)).withGauge(Optional.empty());
    String slug = slug("planner", share);
    Recipe recipe = new Compressed(slug, 1, FactorizationKind.AUTO, budget);
    rows.add(new Row(label, Method.PLANNER, recipe));
    if (heal) {
      rows.add(new Row(label + ", healed", Method.PLANNER, new Healed(recipe)));
    }
  }

  /** The whole model in few bits. */
  private static void gptq(String label, String format, boolean heal, List<Row> rows) {
    Recipe recipe =
        dense(
            "gptq-" + format,
            request -> request.withQuantization(QuantizationScheme.of(format, GROUP)));
    rows.add(new Row("GPTQ, " + label, Method.GPTQ, recipe));
    if (heal) {
      rows.add(new Row("GPTQ, " + label + ", healed", Method.GPTQ, new Healed(recipe)));
    }
  }

  /** An artifact in 16 bits, and the healed one. */
  private static void half(
      String label, Method method, Recipe recipe, boolean heal, List<Row> rows) {
    rows.add(new Row(label + ", 16 bit", method, new Half(recipe)));
    if (heal) {
      rows.add(new Row(label + ", healed, 16 bit", method, new Half(new Healed(recipe))));
    }
  }

  /** An artifact in 8 and in 4 bits, and the healed one. */
  private static void coded(
      String label, Method method, Recipe recipe, boolean heal, List<Row> rows) {
    for (String format : List.of("int8", "uint4")) {
      String bits = format.equals("int8") ? "8 bit" : "4 bit";
      rows.add(new Row(label + ", " + bits, method, new Coded(recipe, format, GROUP)));
      if (heal) {
        rows.add(
            new Row(
                label + ", healed, " + bits, method, new Coded(new Healed(recipe), format, GROUP)));
      }
    }
  }

  private static Recipe dense(String slug, UnaryOperator<CompressionRequest> further) {
    return new Compressed(slug, 1, FactorizationKind.DENSE, further);
  }

  private static Recipe compressed(
      String name,
      double share,
      FactorizationKind form,
      UnaryOperator<CompressionRequest> further) {
    return new Compressed(slug(name, share), share, form, further);
  }

  private static String slug(String name, double share) {
    return name + "-" + percent(share).replace(" %", "").replace('.', '_');
  }

  private static String percent(double share) {
    String number = String.format(Locale.ROOT, "%.2f", 100 * share);
    return number.replaceFirst("\\.?0+$", "") + " %";
  }
}
