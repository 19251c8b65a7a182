package io.karipap.compress;

import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes the progress of the work as lines of text, at most one every ten seconds. */
final class LoggingProgress implements Progress {

  private static final long INTERVAL = 10_000_000_000L;
  private static final double GIGABYTE = 1e9;

  private final Consumer<String> log;
  private final LongSupplier nanoTime;
  private String stage = "";
  private long total;
  private long began;
  private long last;

  /**
   * A listener.
   *
   * @param log gets the lines
   * @param nanoTime the time in nanoseconds, such as {@link System#nanoTime}
   */
  LoggingProgress(Consumer<String> log, LongSupplier nanoTime) {
    this.log = log;
    this.nanoTime = nanoTime;
  }

  static Progress standard() {
    Logger logger = LoggerFactory.getLogger(Progress.class);
    return new LoggingProgress(logger::info, System::nanoTime);
  }

  @Override
  public boolean isLogged() {
    return true;
  }

  @Override
  public void stage(String name, long units) {
    stage = name;
    total = units;
    began = nanoTime.getAsLong();
    last = began;
    log.accept("%s: begins".formatted(stage));
  }

  @Override
  public void at(long done, String note) {
    long now = nanoTime.getAsLong();
    if (done < total && now - last < INTERVAL) {
      return;
    }
    last = now;
    log.accept(
        "%s: %d of %d%s, %.0f s"
            .formatted(
                stage, done, total, note.isEmpty() ? "" : " (" + note + ")", (now - began) * 1e-9));
  }

  @Override
  public void needs(ResourceEstimate estimate) {
    log.accept(
        "needs about %.0f s and %.1f GB of memory; %.1f GB are free"
            .formatted(
                estimate.seconds(), estimate.bytes() / GIGABYTE, estimate.available() / GIGABYTE));
  }
}
