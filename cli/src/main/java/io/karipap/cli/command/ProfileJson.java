package io.karipap.cli.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.compress.profile.Entanglement;
import io.karipap.compress.profile.MatrixProfile;
import io.karipap.compress.profile.Profile;
import io.karipap.compress.profile.ProfileRequest;
import io.karipap.compress.profile.Sensitivity;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;

/** profile.json. */
final class ProfileJson {

  private static final MathContext SIX_DIGITS = new MathContext(6);

  private ProfileJson() {}

  /** A profile and its settings as JSON. */
  static ObjectNode of(String model, ProfileRequest request, Profile profile) {
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("model", model)
            .put("calibration", String.valueOf(request.calibration().getFileName()))
            .put("calibration_tokens", profile.calibrationTokens())
            .put("tokens", profile.tokens())
            .put("grid", request.grid().toString())
            .put("seed", request.seed())
            .put("share", Profile.SHARE)
            .put("squared_error", Profile.ERROR)
            .put("seconds", profile.seconds())
            .put("rank_correlation", profile.rankCorrelation(Sensitivity::estimated))
            .put(
                "rank_correlation_squared_error",
                profile.rankCorrelation(Sensitivity::squaredError));
    ArrayNode matrices = json.putArray("matrices");
    profile.matrices().forEach(matrix -> matrix(matrices.addObject(), matrix));
    return json;
  }

  private static void matrix(ObjectNode json, MatrixProfile m) {
    json.put("name", m.matrix().name())
        .put("family", m.matrix().family())
        .put("block", m.matrix().block())
        .put("rows", m.matrix().rows())
        .put("columns", m.matrix().columns())
        .put("rank_for_squared_error", m.rank())
        .put("share_for_squared_error", m.share());
    Sensitivity s = m.sensitivity();
    json.putObject("sensitivity")
        .put("rank", s.rank())
        .put("squared_error", s.squaredError())
        .put("estimated", s.estimated())
        .put("scale", s.scale())
        .put("measured", s.measured());
    ObjectNode lattice = json.putObject("lattice");
    m.outputs().forEach(lattice.putArray("outputs")::add);
    m.inputs().forEach(lattice.putArray("inputs")::add);
    cuts(json.putArray("plain"), m.plain());
    cuts(json.putArray("metric"), m.metric());
  }

  private static void cuts(ArrayNode json, List<Entanglement> cuts) {
    for (Entanglement e : cuts) {
      ObjectNode cut =
          json.addObject()
              .put("cut", e.cut())
              .put("entropy", e.entropy())
              .put("renyi2", e.renyi2())
              .put("effective_rank", e.effectiveRank())
              .put("dimension", e.dimension())
              .put("random_entropy", e.random());
      ArrayNode spectrum = cut.putArray("spectrum");
      e.spectrum().forEach(p -> spectrum.add(new BigDecimal(p).round(SIX_DIGITS).doubleValue()));
    }
  }
}
