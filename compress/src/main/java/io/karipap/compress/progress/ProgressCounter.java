package io.karipap.compress.progress;

import io.karipap.compress.Progress;

/** Counts the finished units of one stage, from any number of threads. */
public final class ProgressCounter {

  private final Progress progress;
  private long done;

  /**
   * Starts at zero.
   *
   * @param progress is told every count, by one thread at a time and in ascending order
   */
  public ProgressCounter(Progress progress) {
    this.progress = progress;
  }

  /** One more unit is finished. */
  public void add(String note) {
    add(1, note);
  }

  /** Some more units are finished. */
  public synchronized void add(long units, String note) {
    done += units;
    progress.at(done, note);
  }
}
