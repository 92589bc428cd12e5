package dev.lathe.cli;

import dev.lathe.cli.text.Screen;
import dev.lathe.cli.text.Style;
import dev.lathe.cli.text.Table;
import dev.lathe.cli.text.Words;
import dev.lathe.server.JobInfo;
import dev.lathe.server.JobState;
import dev.lathe.server.Lathe;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Lists, shows, stops and resumes jobs. */
@Command(
    name = "jobs",
    description = "List the jobs, the newest first; show, cancel or resume one.",
    synopsisSubcommandLabel = "[COMMAND]",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lathe jobs",
      "  lathe jobs show JOB --json",
      "  lathe jobs cancel JOB             stops it with a checkpoint",
      "  lathe jobs resume JOB             goes on from the checkpoint"
    })
final class JobsCommand implements Callable<Integer> {
  @Mixin private final Help help = new Help();
  @Mixin private final Place place = new Place();
  private final Bench bench;

  JobsCommand(Bench bench) {
    this.bench = bench;
  }

  @Override
  public Integer call() {
    return list(place);
  }

  @Command(name = "list", description = "List the jobs, the newest first.")
  int list(@Mixin Help asked, @Mixin(name = "place") Place from) {
    return list(from);
  }

  @Command(name = "show", description = "Show one job.")
  int show(
      @Mixin Help asked,
      @Mixin(name = "place") Place from,
      @Parameters(paramLabel = "JOB", description = "The job's id.") String id) {
    try (Lathe lathe = bench.open(from)) {
      JobInfo job = lathe.job(id);
      bench.answer(from, job, () -> new JobPage(job, bench).print());
    }
    return 0;
  }

  @Command(name = "cancel", description = "Stop a job; a running one writes a checkpoint first.")
  int cancel(
      @Mixin Help asked,
      @Mixin(name = "place") Place from,
      @Parameters(paramLabel = "JOB", description = "The job's id.") String id) {
    try (Lathe lathe = bench.open(from)) {
      JobInfo job = lathe.cancel(id);
      bench.answer(from, job, () -> new JobPage(job, bench).print());
    }
    return 0;
  }

  @Command(name = "resume", description = "Go on with a job from its last checkpoint.")
  int resume(
      @Mixin Help asked,
      @Mixin(name = "place") Place from,
      @Parameters(paramLabel = "JOB", description = "The job's id.") String id) {
    return new Training(bench, from).goOn((lathe, listener) -> lathe.resume(id, listener));
  }

  private int list(Place from) {
    try (Lathe lathe = bench.open(from)) {
      List<JobInfo> jobs = lathe.jobs();
      bench.answer(from, jobs, () -> show(jobs));
    }
    return 0;
  }

  private void show(List<JobInfo> jobs) {
    Screen screen = bench.screen();
    if (jobs.isEmpty()) {
      screen.note("No jobs yet. Start one: lathe train recipe.yaml");
      return;
    }
    Table table = new Table("JOB", "MODEL", "STATE", "CREATED", "RESULT");
    for (JobInfo job : jobs) {
      table.row(
          screen.paint(Style.NAME, job.id()),
          job.model(),
          screen.paint(style(job.state()), word(job.state())),
          Words.ago(job.created(), bench.clock().instant()),
          result(job));
    }
    table.lines().forEach(screen::line);
  }

  private static String result(JobInfo job) {
    if (job.version().isPresent()) {
      return job.version().get() + ", " + Words.headline(job.metrics());
    }
    return job.error()
        .map(Words::firstLine)
        .or(() -> job.progress().map(JobPage::describe))
        .orElse("-");
  }

  static String word(JobState state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  static Style style(JobState state) {
    return switch (state) {
      case QUEUED -> Style.DIM;
      case RUNNING -> Style.NAME;
      case SUCCEEDED -> Style.GOOD;
      case CANCELLED, INTERRUPTED -> Style.WARNING;
      case FAILED -> Style.BAD;
    };
  }
}
