package io.karipap.compress;

import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs beginning and end of every stage at level info, every finished unit at debug. */
final class LoggedProgress implements Progress {

  private static final Logger LOG = LoggerFactory.getLogger(Progress.class);

  private record Stage(String name, long total, long startNanos) {}

  private final Progress told;
  private Optional<Stage> running = Optional.empty();

  /**
   * Logs nothing yet.
   *
   * @param told is told all the same
   */
  LoggedProgress(Progress told) {
    this.told = told;
  }

  @Override
  public void stage(String name, long total) {
    end();
    running = Optional.of(new Stage(name, total, System.nanoTime()));
    LOG.info("{} begins", name);
    told.stage(name, total);
  }

  @Override
  public void at(long done, String note) {
    told.at(done, note);
    running.ifPresent(stage -> {
      LOG.debug("{}: {} of {} {}", stage.name(), done, stage.total(), note);
      if (done >= stage.total()) {
        end();
      }
    });
  }

  @Override
  public void needs(ResourceEstimate estimate) {
    told.needs(estimate);
  }

  /** A stage may end before all of its units are done: a healing whose patience has ended does. */
  private void end() {
    running.ifPresent(stage ->
        LOG.info(
            "{} ended after {} s",
            stage.name(),
            "%.1f".formatted((System.nanoTime() - stage.startNanos()) * 1e-9)));
    running = Optional.empty();
  }
}
