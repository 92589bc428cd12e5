package dev.lathe.cli;

import dev.lathe.server.JobInfo;
import dev.lathe.server.Lathe;
import dev.lathe.server.RecipeSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Trains what a recipe says. */
@Command(
    name = "train",
    description = {
      "Train what a recipe says, release the result as a new version, and deploy it if the"
          + " recipe asks for that.",
      "Ctrl-C stops with a checkpoint; --resume goes on from it, to the same weights bit for bit."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lathe train recipe.yaml",
      "  lathe train --resume             the newest job that was stopped",
      "  lathe train --resume=JOB",
      "",
      "A recipe:",
      "  model: demo/flowers",
      "  task: classification",
      "  data: {format: csv, train: iris.csv, label: last, validation: 0.2}",
      "  architecture: {kind: mlp, hidden: [16]}",
      "  optimizer: {kind: adam, learning_rate: 0.01}",
      "  epochs: 60"
    })
final class TrainCommand implements Callable<Integer> {
  private static final String NEWEST = "newest";

  @Mixin private final Help help = new Help();
  @Mixin private final Place place = new Place();
  private final Bench bench;
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(arity = "0..1", paramLabel = "RECIPE", description = "The recipe, a YAML file.")
  private @Nullable Path recipe;

  @Option(
      names = "--resume",
      arity = "0..1",
      paramLabel = "JOB",
      fallbackValue = NEWEST,
      description =
          "Go on with a job that was stopped or that failed on its way; the newest one if none is named.")
  private @Nullable String resume;

  TrainCommand(Bench bench) {
    this.bench = bench;
  }

  @Override
  public Integer call() {
    String job = resume;
    if (job != null) {
      return new Training(bench, place)
          .goOn((lathe, listener) -> lathe.resume(stopped(lathe, job), listener));
    }
    RecipeSource source = RecipeSource.read(file());
    return new Training(bench, place).follow((lathe, listener) -> lathe.train(source, listener));
  }

  private Path file() {
    Path file = recipe;
    if (file == null) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "a recipe is missing (or --resume)");
    }
    if (!Files.isRegularFile(file)) {
      throw new CommandLine.ParameterException(
          spec.commandLine(),
          "recipe "
              + file
              + (Files.exists(file)
                  ? ": no regular file (expected: a YAML file)"
                  : ": no such file"));
    }
    return file;
  }

  private String stopped(Lathe lathe, String job) {
    if (!job.equals(NEWEST)) {
      return job;
    }
    return lathe.jobs().stream()
        .filter(JobInfo::canGoOn)
        .findFirst()
        .map(JobInfo::id)
        .orElseThrow(
            () ->
                new CommandLine.ParameterException(
                    spec.commandLine(), "no job was stopped; nothing to resume"));
  }
}
