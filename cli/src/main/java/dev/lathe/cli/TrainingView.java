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
import java.util.Optional;
import java.util.TreeMap;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * A job's progress: a bar on a terminal, else a line for each epoch. What the job says stands above
 * the bar.
 */
final class TrainingView implements JobListener, AutoCloseable {
  private static final int REFRESH_MILLIS = 100;

  /** Steps that wait for data less than this part of the time are not starved. */
  private static final double WORTH_TELLING = 0.05;

  private static final String LEARNING_RATE = "learning_rate";
  private static final Duration SILENCE = Duration.ofSeconds(15);

  private final Screen screen;
  private final Clock clock;
  private @Nullable ProgressBar bar;
  private Instant spoken;
  private @Nullable JobProgress first;
  private @Nullable JobProgress last;
  private boolean changing;

  TrainingView(Screen screen, Clock clock) {
    this.screen = screen;
    this.clock = clock;
    this.spoken = clock.instant();
  }

  @Override
  public synchronized void accepted(JobInfo job) {
    screen.note("Training " + job.model() + " (job " + job.id() + ")");
  }

  @Override
  public synchronized void log(String line) {
    String text = Words.firstLine(line);
    if (bar == null) {
      screen.note(text);
    } else {
      // Over the bar, which is drawn again below.
      int width = screen.traits().width() - 1;
      screen.note("\r" + text + " ".repeat(Math.max(0, width - text.length())));
    }
  }

  @Override
  public synchronized void progress(JobProgress progress) {
    if (first == null) {
      first = progress;
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

  private static String remaining(JobProgress progress) {
    return progress
        .remainingSeconds()
        .filter(_ -> progress.step() < progress.steps())
        .map(left -> "  " + Words.exact(Duration.ofMillis(Math.round(left * 1000))) + " left")
        .orElse("");
  }

  /** What was measured at the end of an epoch; the rest changes with each step. */
  private static Map<String, Double> validated(JobProgress progress) {
    Map<String, Double> measures = new TreeMap<>(progress.metrics());
    measures.keySet().removeIf(name -> !name.startsWith("validation"));
    return measures;
  }

  /**
   * The recipe's metrics beside the loss; those of the validation part alone where there are any.
   */
  private static Map<String, Double> measured(JobProgress progress) {
    Map<String, Double> measured = validated(progress);
    measured.remove("validation_loss");
    if (measured.isEmpty()) {
      measured.putAll(progress.metrics());
      measured.keySet().removeIf(name -> !name.startsWith("train_") || name.equals("train_loss"));
    }
    return measured;
  }

  /** The learning rate once it has changed. */
  private Optional<Double> learningRate(JobProgress progress) {
    Optional<Double> now = Optional.ofNullable(progress.metrics().get(LEARNING_RATE));
    Optional<Double> before =
        Optional.ofNullable(first).map(start -> start.metrics().get(LEARNING_RATE));
    changing |= !now.equals(before);
    return now.filter(_ -> changing);
  }

  private String extra(JobProgress progress) {
    StringBuilder text = new StringBuilder();
    text.append("  epoch ").append(progress.epoch()).append('/').append(progress.epochs());
    text.append(String.format(Locale.ROOT, "  loss %.4f", progress.loss()));
    Double validated = progress.metrics().get("validation_loss");
    if (validated != null) {
      text.append(String.format(Locale.ROOT, "  validation loss %.4f", validated));
    }
    for (Map.Entry<String, Double> metric : measured(progress).entrySet()) {
      text.append("  ").append(metric.getKey().replace('_', ' ')).append(' ');
      text.append(shown(metric.getKey(), metric.getValue()));
    }
    learningRate(progress)
        .ifPresent(rate -> text.append(String.format(Locale.ROOT, "  learning rate %.3g", rate)));
    if (progress.examplesPerSecond() > 0) {
      text.append(String.format(Locale.ROOT, "  %,.0f examples/s", progress.examplesPerSecond()));
    }
    double wait = progress.metrics().getOrDefault("data_wait", 0.0);
    if (wait >= WORTH_TELLING) {
      text.append(String.format(Locale.ROOT, "  data wait %.0f %%", 100 * wait));
    }
    return text.toString();
  }

  /** Accuracies are never rounded up. */
  private static String shown(String name, double value) {
    return name.endsWith("accuracy") ? Words.percent(value) : Words.metric(name, value);
  }
}
