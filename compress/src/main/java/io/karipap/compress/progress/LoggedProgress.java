package io.karipap.compress.progress;

import io.karipap.compress.Progress;
import io.karipap.compress.ResourceEstimate;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs beginning and end of every stage at level info, every finished unit at debug. */
public final class LoggedProgress implements Progress {

  private static final Logger LOG = LoggerFactory.getLogger(Progress.class);

  private record Stage(String name, long total, long startNanos) {}

  private final Progress told;
  private Optional<Stage> running = Optional.empty();

  private LoggedProgress(Progress told) {
    this.told = told;
  }

  /**
   * A listener that tells another one, and writes the beginning and the end of every stage to the
   * log (slf4j, level info), and every finished unit (level debug). All long work of the library
   * does that; nothing is added to a listener that logs already.
   */
  public static Progress of(Progress progress) {
    return progress.isLogged() ? progress : new LoggedProgress(progress);
  }

  @Override
  public boolean isLogged() {
    return true;
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
