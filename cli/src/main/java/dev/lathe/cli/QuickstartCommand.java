package dev.lathe.cli;

import dev.lathe.cli.text.Screen;
import dev.lathe.cli.text.Style;
import dev.lathe.cli.text.Words;
import dev.lathe.server.JobInfo;
import dev.lathe.server.JobState;
import dev.lathe.server.Lathe;
import dev.lathe.server.Prediction;
import dev.lathe.server.RecipeSource;
import dev.lathe.server.ServerConfig;
import dev.lathe.server.VersionDetails;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The whole way once: data, training, release, deployment, server, prediction. */
@Command(
    name = "quickstart",
    description = {
      "Go the whole way once: draw digits, train a small convolutional network on them, release"
          + " it as demo/digits, deploy it to prod, serve it, and ask it over HTTP.",
      "With --text, teach a small Llama to speak instead, release it as demo/handbook, serve it and"
          + " talk with it.",
      "Goes on serving until Ctrl-C."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lathe quickstart",
      "  lathe quickstart --once          stop after the first answer",
      "  lathe quickstart --port 9000 --data /tmp/lathe",
      "  lathe quickstart --text              learns from the program's own pages",
      "  lathe quickstart --text plays.txt    learns from a file, paragraph by paragraph"
    })
final class QuickstartCommand implements Callable<Integer> {
  private static final double WANTED_ACCURACY = 0.97;
  private static final long DRAWING_SEED = 7;
  private static final String HELD_OUT = "test_accuracy";
  private static final String STEPS = "5";

  @Mixin private final Help help = new Help();
  @Mixin private final Place place = new Place();
  @Mixin private final Port port = new Port();
  private final Bench bench;

  @Option(names = "--once", description = "Stop after the first answer, do not go on serving.")
  private boolean once;

  @Option(
      names = "--text",
      arity = "0..1",
      fallbackValue = "",
      paramLabel = "FILE",
      description =
          "Teach a model that speaks, from a file of text, or without one from the program's own"
              + " pages.")
  private @Nullable String text;

  QuickstartCommand(Bench bench) {
    this.bench = bench;
  }

  @Override
  public Integer call() {
    place.requireLocal();
    port.requireFree();
    String file = text;
    if (file != null) {
      return new TextQuickstart(bench, place, port)
          .run(file, once ? TextQuickstart.Once.YES : TextQuickstart.Once.NO);
    }
    JobInfo job = train();
    if (job.state() != JobState.SUCCEEDED) {
      return Failures.FAILED;
    }
    VersionDetails version = release(job);
    double accuracy = job.metrics().getOrDefault(HELD_OUT, Double.NaN);
    try (Running server = Running.start(ServerConfig.of(place.data(), port.number()))) {
      say(4, "Serving at " + paint(Style.NAME, server.address().toString()));
      Drawing drawing = Drawing.of(version, DRAWING_SEED);
      Path request = drawing.write(place.data());
      Prediction prediction = new InferCall(server.address(), version).send(drawing.request());
      show(drawing, prediction);
      tryNext(new NextSteps(server.address(), version, request));
      bench.answer(place, document(job, server, prediction), () -> {});
      if (!once) {
        note("Serving until Ctrl-C.");
        server.await();
      }
    }
    return verdict(accuracy);
  }

  private JobInfo train() {
    say(1, "Drawing digits and training a small convolutional network");
    RecipeSource recipe = new RecipeSource(recipe(), Path.of("").toAbsolutePath());
    try (Lathe lathe = bench.make(place)) {
      Training training = new Training(bench, place);
      return training.run(lathe, (verbs, listener) -> verbs.train(recipe, listener));
    }
  }

  private VersionDetails release(JobInfo job) {
    try (Lathe lathe = bench.make(place)) {
      VersionDetails version = lathe.show(job.model(), job.version().orElse("latest"));
      say(1, "Trained in " + took(job) + "; held-out accuracy " + accuracy(job));
      String name = version.model() + "@" + version.version();
      String commit = LogCommand.shortened(version.commit());
      say(2, "Released " + paint(Style.NAME, name) + ", commit " + commit);
      say(3, "Deployed: " + version.version() + " is live in " + paint(Style.GOOD, "prod"));
      return version;
    }
  }

  private static String accuracy(JobInfo job) {
    double accuracy = job.metrics().getOrDefault(HELD_OUT, Double.NaN);
    return Words.metric(HELD_OUT, accuracy) + " (drawings by writers it never saw)";
  }

  private static String took(JobInfo job) {
    return job.started().isPresent() && job.finished().isPresent()
        ? Words.exact(Duration.between(job.started().get(), job.finished().get()))
        : "an unknown time";
  }

  private void show(Drawing drawing, Prediction prediction) {
    say(5, "Asked over HTTP what this is (a drawing by an unseen writer):");
    if (place.json()) {
      return;
    }
    Screen screen = bench.screen();
    screen.line("");
    drawing.picture().lines(screen).forEach(screen::line);
    screen.line("");
    new Answer(prediction).print(screen);
    String answer = prediction.label(0).orElse("");
    screen.line(
        answer.equals(drawing.digit())
            ? screen.paint(Style.GOOD, "  right: it was drawn as " + drawing.digit())
            : screen.paint(Style.BAD, "  wrong: it was drawn as " + drawing.digit()));
  }

  private void tryNext(NextSteps steps) {
    if (!place.json()) {
      Screen screen = bench.screen();
      screen.line("");
      steps.lines(place, once).forEach(screen::line);
    }
  }

  private Map<String, Object> document(JobInfo job, Running server, Prediction prediction) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("model", job.model());
    document.put("version", job.version().orElse(""));
    document.put("metrics", job.metrics());
    document.put("address", server.address().toString());
    document.put("prediction", new Answer(prediction).document());
    return document;
  }

  private int verdict(double accuracy) {
    if (accuracy >= WANTED_ACCURACY) {
      return 0;
    }
    note(
        "The held-out accuracy is below "
            + Words.percent(WANTED_ACCURACY)
            + ": something is wrong with the training.");
    return Failures.FAILED;
  }

  private void say(int step, String text) {
    String number = "[" + step + "/" + STEPS + "]";
    if (place.json()) {
      note(number + " " + text);
    } else {
      bench.screen().line(paint(Style.DIM, number) + " " + text);
    }
  }

  private String paint(Style style, String text) {
    return place.json() ? text : bench.screen().paint(style, text);
  }

  private void note(String text) {
    bench.screen().note(text);
  }

  static String recipe() {
    return TextQuickstart.resource("quickstart.yaml");
  }
}
