package dev.lathe.cli;

import dev.lathe.cli.input.Inputs;
import dev.lathe.cli.score.ScoreRequest;
import dev.lathe.cli.score.Scoring;
import dev.lathe.cli.text.Words;
import dev.lathe.ir.Tensor;
import dev.lathe.server.Lathe;
import dev.lathe.server.Prediction;
import dev.lathe.server.VersionDetails;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs a model once. */
@Command(
    name = "predict",
    description = {
      "Run a model on an input and show what it answers.",
      "With --output, score every row of a file; a call that was stopped goes on with --resume."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lathe predict demo/digits --input drawing.png",
      "  lathe predict demo/digits@v1 --input lathe-data/sample-request.json",
      "  lathe predict demo/flowers@prod --input 5.1,3.5,1.4,0.2",
      "  lathe predict demo/flowers --input '[[5.1, 3.5, 1.4, 0.2], [6.2, 2.9, 4.3, 1.3]]'",
      "  cut -d, -f1-64 optdigits.csv | lathe predict real/digits --input - --json",
      "  lathe predict demo/flowers -i flowers.csv -o scored.csv --without species --keep id",
      "",
      "Without a version, what is live in prod answers, else the newest version."
    })
final class PredictCommand implements Callable<Integer> {
  @Mixin private final Help help = new Help();
  @Mixin private final Place place = new Place();
  @Mixin private final ScoreOptions file = new ScoreOptions();
  private final Bench bench;

  @Parameters(
      paramLabel = "MODEL[@VERSION]",
      description = "The model and its version: v1, latest, or an environment's name.")
  private ModelReference model = new ModelReference("", "");

  @Option(
      names = {"-i", "--input"},
      paramLabel = "INPUT",
      required = true,
      description =
          "A file, - for standard input, or the value itself. JSON (an Open Inference request, an"
              + " object by input, or nested arrays), rows of numbers (CSV), or for models of grey"
              + " images a picture (PNG, JPEG, PGM).")
  private String input = "";

  @Option(
      names = "--white",
      paramLabel = "VALUE",
      defaultValue = "255",
      description = "What a white pixel of a picture becomes (default: ${DEFAULT-VALUE}).")
  private double white;

  PredictCommand(Bench bench) {
    this.bench = bench;
  }

  @Override
  public Integer call() {
    try (Lathe lathe = bench.open(place)) {
      VersionDetails version = lathe.show(model.model(), model.chosen(lathe));
      if (file.given()) {
        score(lathe, version);
        return 0;
      }
      Map<String, Tensor> inputs = new Inputs(version.inputs(), white).read(input, bench.in());
      Prediction prediction = lathe.predict(model.model(), version.version(), inputs);
      Answer answer = new Answer(prediction);
      bench.answer(place, answer.document(), () -> answer.print(bench.screen()));
    }
    return 0;
  }

  private void score(Lathe lathe, VersionDetails version) {
    ScoreRequest request = file.request(input);
    Instant began = bench.clock().instant();
    ScoreView view = new ScoreView(bench.screen(), bench.clock());
    Scoring.Outcome outcome = new Scoring(lathe, version, request).run(view::at);
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("model", version.model());
    document.put("version", version.version());
    document.put("output", request.output().toString());
    document.put("rows", outcome.rows());
    document.put("rows_before", outcome.before());
    String took = Words.exact(Duration.between(began, bench.clock().instant()));
    bench.answer(
        place,
        document,
        () ->
            bench
                .screen()
                .line(
                    outcome.rows()
                        + " rows scored by "
                        + version.model()
                        + " "
                        + version.version()
                        + " ("
                        + (outcome.before() > 0 ? outcome.before() + " of them before, " : "")
                        + took
                        + "): "
                        + request.output()));
  }
}
