package io.karipap.compress.pipeline;

import io.karipap.compress.CompressionRequest;
import io.karipap.compress.fit.MatrixFit;
import io.karipap.compress.fit.ModelFit;
import io.karipap.compress.store.FitCheckpoint;
import io.karipap.compress.store.FittedMatrix;
import io.karipap.model.arch.Role;
import io.karipap.model.io.StoredFactorization;
import io.karipap.model.io.WeightSource;
import io.karipap.network.Dense;
import java.util.ArrayList;
import java.util.List;

/** Fits every matrix to its form and size. */
final class FitStage implements Stage {

  @Override
  public WorkingModel run(RunContext context, WorkingModel model) {
    CompressionRequest request = context.request();
    ModelFit fit =
        new ModelFit(
            context.matrices(),
            new MatrixFit(request.fit().grid(), context.fitOptions()),
            request.fit().cells(),
            new FitCheckpoint(context.directory().path()),
            context.runner(),
            context.progress());
    List<FittedMatrix> fitted =
        new ArrayList<>(
            fit.run(model.allocation().plan(), model.allocation().starts(), context.owner()));
    if (model.numbers(context.architecture()).isEmpty()) {
      context.release(); // nothing else asks for the statistics
    } else {
      context.matrices().release();
    }
    // what the basis added is stored as it is
    WeightSource source = model.prepared().source();
    source.matrices().stream()
        .filter(matrix -> matrix.role() == Role.HEAD_GAIN)
        .forEach(matrix -> {
          Dense gain = new Dense(context.owner().own(source.matrix(matrix)));
          fitted.add(new FittedMatrix(gain, StoredFactorization.entry(matrix.name(), gain, 0)));
        });
    return model.with(fitted);
  }
}
