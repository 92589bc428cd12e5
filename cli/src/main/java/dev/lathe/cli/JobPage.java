package dev.lathe.cli;

import dev.lathe.cli.text.Screen;
import dev.lathe.cli.text.Style;
import dev.lathe.cli.text.Words;
import dev.lathe.server.JobInfo;
import dev.lathe.server.JobProgress;
import java.time.Duration;
import java.util.Locale;

/**
 * A job on the terminal.
 *
 * @param job what to show
 * @param bench where to show it
 */
record JobPage(JobInfo job, Bench bench) {
  void print() {
    Screen screen = bench.screen();
    String state = screen.paint(JobsCommand.style(job.state()), JobsCommand.word(job.state()));
    screen.line(screen.paint(Style.BOLD, "job " + job.id()) + "  " + state);
    field("model", job.model());
    field("created", Words.ago(job.created(), bench.clock().instant()));
    if (job.started().isPresent() && job.finished().isPresent()) {
      Duration took = Duration.between(job.started().get(), job.finished().get());
      field("took", Words.exact(took));
    }
    job.progress().ifPresent(progress -> field("progress", describe(progress)));
    job.version().ifPresent(version -> field("version", version));
    job.environment().ifPresent(environment -> field("live in", environment));
    if (!job.metrics().isEmpty()) {
      field("metrics", Words.metrics(job.metrics()));
    }
    job.error().ifPresent(error -> field("error", Words.firstLine(error)));
    if (job.canGoOn()) {
      field("go on", "lathe jobs resume " + job.id());
    }
  }

  static String describe(JobProgress progress) {
    return String.format(
        Locale.ROOT,
        "epoch %d/%d, step %d/%d, loss %.4f",
        progress.epoch(),
        progress.epochs(),
        progress.step(),
        progress.steps(),
        progress.loss());
  }

  private void field(String name, String value) {
    Screen screen = bench.screen();
    screen.line(screen.paint(Style.DIM, String.format("  %-9s", name)) + " " + value);
  }
}
