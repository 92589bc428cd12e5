package dev.lathe.cli;

import dev.lathe.cli.text.Screen;
import dev.lathe.cli.text.Words;
import dev.lathe.server.JobInfo;
import dev.lathe.server.JobListener;
import dev.lathe.server.JobProgress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A job's progress: a bar on a terminal, else a line for each epoch. */
final class TrainingView implements JobListener, AutoCloseable {
  private static final int REFRESH_MILLIS = 100;
  private static final Duration SILENCE = Duration.ofSeconds(15);

  private final Screen screen;
  private final Clock clock;
  private @Nullable ProgressBar bar;
  private Instant spoken;
  private Instant began;
  private @Nullable JobProgress first;
  private @Nullable JobProgress last;

  TrainingView(Screen screen, Clock clock) {
    this.screen = screen;
    this.clock = clock;
    this.spoken = clock.instant();
    this.began = spoken;
  }

  @Override
  public synchronized void accepted(JobInfo job) {
    screen.note("Training " + job.model() + " (job " + job.id() + ")");
  }

  @Override
  public synchronized void log(String line) {
    if (bar == null) {
      screen.note(Words.firstLine(line));
    }
  }

  @Override
  public synchronized void progress(JobProgress progress) {
    if (first == null) {
      first = progress;
      began = clock.instant();
    }
    if (screen.traits().errTerminal()) {
      draw(progress);
    } else {
      write(progress);
    }
    last = progress;
  }

  /** Ends the bar's line. */
  @Override
  public synchronized void close() {
    if (bar != null) {
      bar.close();
    }
  }

  /** Tells two listeners at once. */
  JobListener and(JobListener second) {
    TrainingView first = this;
    return new JobListener() {
      @Override
      public void accepted(JobInfo job) {
        second.accepted(job);
        first.accepted(job);
      }

      @Override
      public void progress(JobProgress progress) {
        first.progress(progress);
        second.progress(progress);
      }

      @Override
      public void log(String line) {
        first.log(line);
        second.log(line);
      }
    };
  }

  private void draw(JobProgress progress) {
    ProgressBar shown = bar == null ? newBar(progress) : bar;
    bar = shown;
    shown.setExtraMessage(extra(progress));
    shown.maxHint(progress.steps());
    shown.stepTo(progress.step());
  }

  private ProgressBar newBar(JobProgress progress) {
    Screen.Traits traits = screen.traits();
    boolean colours = traits.colours() && traits.unicode();
    ProgressBarStyle plain =
        traits.unicode() ? ProgressBarStyle.UNICODE_BLOCK : ProgressBarStyle.ASCII;
    return new ProgressBarBuilder()
        .setTaskName("train")
        .setInitialMax(progress.steps())
        .startsFrom(progress.step(), Duration.ZERO)
        .setUpdateIntervalMillis(REFRESH_MILLIS)
        .setStyle(colours ? ProgressBarStyle.COLORFUL_UNICODE_BAR : plain)
        .setConsumer(new ConsoleProgressBarConsumer(screen.err(), traits.width()))
        .build();
  }

  /** Speaks at the end of an epoch, at the end of all, and after a long silence. */
  private void write(JobProgress progress) {
    JobProgress before = last;
    boolean newEpoch =
        before != null && progress.epoch() != before.epoch() && validated(progress).isEmpty();
    boolean measured = before != null && !validated(progress).equals(validated(before));
    boolean longSilent = Duration.between(spoken, clock.instant()).compareTo(SILENCE) >= 0;
    if (newEpoch || measured || longSilent || progress.step() == progress.steps()) {
      spoken = clock.instant();
      screen.note(line(progress));
    }
  }

  private String line(JobProgress progress) {
    String steps = "step " + progress.step() + "/" + progress.steps();
    return steps + extra(progress) + remaining(progress);
  }

  private String remaining(JobProgress progress) {
    JobProgress start = first;
    if (start == null || progress.step() <= start.step() || progress.step() >= progress.steps()) {
      return "";
    }
    Duration passed = Duration.between(began, clock.instant());
    double perStep = passed.toMillis() / (double) (progress.step() - start.step());
    long left = Math.round(perStep * (progress.steps() - progress.step()));
    return "  " + Words.exact(Duration.ofMillis(left)) + " left";
  }

  /** What was measured at the end of an epoch; the rest changes with each step. */
  private static Map<String, Double> validated(JobProgress progress) {
    Map<String, Double> measures = new TreeMap<>(progress.metrics());
    measures.keySet().removeIf(name -> !name.startsWith("validation"));
    return measures;
  }

  /** The accuracies; the one of the validation part alone where there is one. */
  private static Map<String, Double> accuracies(JobProgress progress) {
    Map<String, Double> all =
        validated(progress).isEmpty() ? progress.metrics() : validated(progress);
    Map<String, Double> accuracies = new TreeMap<>(all);
    accuracies.keySet().removeIf(name -> !name.endsWith("accuracy"));
    return accuracies;
  }

  private static String extra(JobProgress progress) {
    StringBuilder text = new StringBuilder();
    text.append("  epoch ").append(progress.epoch()).append('/').append(progress.epochs());
    text.append(String.format(Locale.ROOT, "  loss %.4f", progress.loss()));
    Double validated = progress.metrics().get("validation_loss");
    if (validated != null) {
      text.append(String.format(Locale.ROOT, "  validation loss %.4f", validated));
    }
    for (Map.Entry<String, Double> metric : accuracies(progress).entrySet()) {
      text.append("  ").append(metric.getKey().replace('_', ' ')).append(' ');
      text.append(Words.percent(metric.getValue()));
    }
    if (progress.examplesPerSecond() > 0) {
      text.append(String.format(Locale.ROOT, "  %,.0f examples/s", progress.examplesPerSecond()));
    }
    return text.toString();
  }
}
