package io.karipap.cli.console;

import io.karipap.compress.Progress;
import io.karipap.compress.ResourceEstimate;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar for every stage, with rate and time left, if somebody watches. */
public final class ProgressBars implements Progress, AutoCloseable {

  private static final int WIDTH = 100;

  private final Console console;
  private final Streams streams;
  private Optional<ProgressBar> bar = Optional.empty();

  ProgressBars(Console console) {
    this.console = console;
    this.streams = console.streams();
  }

  @Override
  public void stage(String name, long total) {
    close();
    if (streams.terminal()) {
      bar =
          Optional.of(
              new ProgressBarBuilder()
                  .setTaskName(name)
                  .setInitialMax(total)
                  .setStyle(ProgressBarStyle.ASCII)
                  .setUpdateIntervalMillis(200)
                  .setSpeedUnit(ChronoUnit.SECONDS)
                  .showSpeed()
                  .setConsumer(new ConsoleProgressBarConsumer(streams.err(), WIDTH))
                  .build());
    }
  }

  @Override
  public void at(long done, String note) {
    bar.ifPresent(b -> b.stepTo(done).setExtraMessage(note.isEmpty() ? "" : " " + note));
  }

  @Override
  public void needs(ResourceEstimate estimate) {
    Duration time = Duration.ofSeconds(Math.max(1, Math.round(estimate.seconds())));
    String needs =
        "needs about %s and %s of memory"
            .formatted(
                time.toString().substring(2).toLowerCase(Locale.ROOT),
                Table.bytes(estimate.bytes()));
    console.say(
        estimate.bytes() <= estimate.available()
            ? needs
            : "%s, more than the %s that there are: it may end early without a larger machine"
                .formatted(needs, Table.bytes(estimate.available())));
  }

  /** Ends the stage that is shown. */
  @Override
  public void close() {
    bar.ifPresent(ProgressBar::close);
    bar = Optional.empty();
  }
}
