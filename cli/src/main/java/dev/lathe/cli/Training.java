package dev.lathe.cli;

import dev.lathe.cli.text.Screen;
import dev.lathe.cli.text.Style;
import dev.lathe.cli.text.Words;
import dev.lathe.ir.ErrorKind;
import dev.lathe.server.ErrorMapping;
import dev.lathe.server.JobInfo;
import dev.lathe.server.JobListener;
import dev.lathe.server.JobState;
import dev.lathe.server.Lathe;
import java.time.Duration;

/**
 * A job followed to its end on the terminal.
 *
 * @param bench where to show it
 * @param place where it runs
 */
record Training(Bench bench, Place place) {
  /** Starts or resumes a job; returns when it has ended. */
  interface Work {
    JobInfo run(Lathe lathe, JobListener listener);
  }

  /** Follows the job, says how it ended, and gives the exit code. */
  int follow(Work work) {
    try (Lathe lathe = bench.make(place)) {
      return follow(lathe, work);
    }
  }

  /** Follows a job that was there before, as {@link #follow(Work)} does. */
  int goOn(Work work) {
    try (Lathe lathe = bench.open(place)) {
      return follow(lathe, work);
    }
  }

  private int follow(Lathe lathe, Work work) {
    JobInfo job = run(lathe, work);
    if (job.state() != JobState.SUCCEEDED) {
      return job.errorKind().map(Training::exitCode).orElse(Failures.FAILED);
    }
    report(job);
    return 0;
  }

  /** A recipe's data that is missing or wrong is wrong input like the recipe itself. */
  private static int exitCode(ErrorKind kind) {
    return kind == ErrorKind.NOT_FOUND ? Failures.USAGE : ErrorMapping.exitCode(kind);
  }

  /** Follows the job and gives it back as it ended; says why if it did not succeed. */
  JobInfo run(Lathe lathe, Work work) {
    try (Interruption interruption = new Interruption(lathe, place, bench.screen())) {
      JobInfo job = watch(lathe, work, interruption);
      if (job.state() != JobState.SUCCEEDED) {
        report(job);
        interruption.settled();
      }
      return job;
    }
  }

  private JobInfo watch(Lathe lathe, Work work, Interruption interruption) {
    try (TrainingView view = new TrainingView(bench.screen(), bench.clock())) {
      return work.run(lathe, view.and(interruption));
    }
  }

  private void report(JobInfo job) {
    bench.answer(place, job, () -> tell(job));
  }

  private void tell(JobInfo job) {
    Screen screen = bench.screen();
    switch (job.state()) {
      case SUCCEEDED -> tellResult(job);
      case FAILED -> {
        String why = job.error().map(this::reason).orElse("no reason given");
        screen.note(screen.paintNote(Style.BAD, "lathe: ") + "job " + job.id() + " failed: " + why);
        if (job.canGoOn()) {
          screen.note("Go on with: " + resumeLine(job.id(), place));
        }
      }
      case CANCELLED, INTERRUPTED, QUEUED, RUNNING -> {
        job.error()
            .ifPresent(why -> screen.note(screen.paintNote(Style.BAD, "lathe: ") + reason(why)));
        screen.note("Job " + job.id() + " is " + JobsCommand.word(job.state()) + resumption(job));
      }
    }
  }

  private String reason(String error) {
    String line = Words.firstLine(error);
    return place.server() == null
        ? line.replace("the server's log has the details", "details in " + Logs.file(place))
        : line;
  }

  private void tellResult(JobInfo job) {
    Screen screen = bench.screen();
    String reference = job.model() + "@" + job.version().orElse("latest");
    screen.line(
        "Released "
            + screen.paint(Style.NAME, reference)
            + ": "
            + Words.headline(job.metrics())
            + took(job));
    job.environment()
        .ifPresent(environment -> screen.line("Live in " + screen.paint(Style.GOOD, environment)));
    screen.note("Look at it: lathe show " + reference);
  }

  private static String took(JobInfo job) {
    return job.started().isPresent() && job.finished().isPresent()
        ? " (" + Words.exact(Duration.between(job.started().get(), job.finished().get())) + ")"
        : "";
  }

  private String resumption(JobInfo job) {
    return ". Go on with: " + resumeLine(job.id(), place);
  }

  static String resumeLine(String id, Place place) {
    return "lathe jobs resume " + id + place.words();
  }
}
