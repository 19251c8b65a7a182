package io.karipap.compress;

/** Is told how far the work has come. Calls come from one thread at a time. */
public interface Progress {

  /** Does nothing. */
  Progress NONE =
      new Progress() {
        @Override
        public void stage(String name, long total) {}

        @Override
        public void at(long done, String note) {}
      };

  /**
   * A listener that writes to the log (slf4j, level info): the beginning and the end of every
   * stage, and in between a line every ten seconds at most.
   */
  static Progress logging() {
    return LoggingProgress.standard();
  }

  /**
   * A listener that tells another one, and writes the beginning and the end of every stage to the
   * log (slf4j, level info), and every finished unit (level debug). All long work of the library
   * does that; nothing is added to a listener that logs already.
   */
  static Progress logged(Progress progress) {
    return progress instanceof LoggedProgress || progress instanceof LoggingProgress
        ? progress
        : new LoggedProgress(progress);
  }

  /**
   * A stage begins; the one before has ended.
   *
   * @param total units of work in it
   */
  void stage(String name, long total);

  /**
   * Some units of the stage are finished.
   *
   * @param done their number since the stage began
   * @param note to show beside it, possibly empty
   */
  void at(long done, String note);

  /** The inputs are good, and the work will take about this time and memory. */
  default void needs(ResourceEstimate estimate) {}
}
