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

  /** Whether it writes to the log what it is told. */
  default boolean isLogged() {
    return false;
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
