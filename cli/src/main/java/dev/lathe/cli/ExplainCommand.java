package dev.lathe.cli;

import dev.lathe.cli.input.Inputs;
import dev.lathe.cli.text.Picture;
import dev.lathe.cli.text.Screen;
import dev.lathe.cli.text.SignedBars;
import dev.lathe.cli.text.Style;
import dev.lathe.ir.Tensor;
import dev.lathe.server.ExplainRequest;
import dev.lathe.server.Explained;
import dev.lathe.server.Lathe;
import dev.lathe.server.VersionDetails;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows what each number of an input added to a model's answer. */
@Command(
    name = "explain",
    description = {
      "Say why a model of tables or images answers so: what each number of the input added to the"
          + " score, beside an input of zeros.",
      "Integrated gradients add up to the score's change; occlusion needs no gradient."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lathe explain demo/digits --input drawing.png --picture why.png",
      "  lathe explain demo/flowers --input 5.1,3.5,1.4,0.2 --names sepal,width,petal,breadth",
      "  lathe explain demo/flowers@v2 --input flowers.csv --class setosa --json",
      "  lathe explain demo/digits --input drawing.png --method occlusion --window 3"
    })
final class ExplainCommand implements Callable<Integer> {
  private static final int MOST_BARS = 12;
  private static final int MOST_ROWS = 5;
  private static final int LONGEST_HEADING = 1 << 20;

  @Mixin private final Help help = new Help();
  @Mixin private final Place place = new Place();
  private final Bench bench;

  @Parameters(
      paramLabel = "MODEL[@VERSION]",
      description = "The model and its version: v1, latest, or an environment's name.")
  private ModelReference model = new ModelReference("", "");

  @Option(
      names = {"-i", "--input"},
      paramLabel = "INPUT",
      required = true,
      description = "The examples, as for lathe predict; at most 64.")
  private String input = "";

  @Option(
      names = "--white",
      paramLabel = "VALUE",
      defaultValue = "255",
      description = "What a white pixel of a picture becomes (default: ${DEFAULT-VALUE}).")
  private double white;

  @Option(
      names = "--class",
      paramLabel = "NAME",
      description = "The class that is explained, by name or number (default: the most probable).")
  private @Nullable String target;

  @Option(
      names = "--output",
      paramLabel = "NAME",
      description = "The model's output that is explained (default: the first).")
  private @Nullable String output;

  @Option(
      names = "--method",
      paramLabel = "NAME",
      description = "integrated_gradients (default) or occlusion.")
  private @Nullable String method;

  @Option(
      names = "--steps",
      paramLabel = "NUMBER",
      description = "Points of integrated gradients (default: 64).")
  private @Nullable Integer steps;

  @Option(
      names = "--window",
      paramLabel = "PIXELS",
      description = "Side of an occluded window (default: an eighth of the image).")
  private @Nullable Integer window;

  @Option(
      names = "--stride",
      paramLabel = "PIXELS",
      description = "How far windows are apart (default: half of one).")
  private @Nullable Integer stride;

  @Option(
      names = "--baseline",
      paramLabel = "INPUT",
      defaultValue = "0",
      description = "What counts as nothing: a number, or an example as for --input (0).")
  private String baseline = "0";

  @Option(
      names = "--names",
      paramLabel = "NAME",
      split = ",",
      description = "Names of the features (default: the heading of a CSV file, or numbers).")
  private List<String> names = List.of();

  @Option(
      names = "--picture",
      paramLabel = "FILE",
      description = "Write the first image's heat map as PNG: red for, blue against.")
  private @Nullable Path picture;

  ExplainCommand(Bench bench) {
    this.bench = bench;
  }

  @Override
  public Integer call() {
    try (Lathe lathe = bench.open(place)) {
      VersionDetails version = lathe.show(model.model(), model.chosen(lathe));
      Explained explained = lathe.explain(model.model(), request(version));
      Path file = picture;
      if (file != null) {
        image(explained.rows().getFirst().attributions()).write(file);
      }
      bench.answer(place, explained, () -> print(explained));
    }
    return 0;
  }

  private ExplainRequest request(VersionDetails version) {
    Inputs inputs = new Inputs(version.inputs(), white);
    Map<String, Tensor> examples = inputs.read(input, bench.in());
    return new ExplainRequest(
        Optional.of(version.version()),
        examples,
        Optional.empty(),
        Optional.ofNullable(output),
        Optional.ofNullable(target),
        Optional.ofNullable(method),
        Optional.ofNullable(steps),
        Optional.ofNullable(window),
        Optional.ofNullable(stride),
        Optional.of(nothing(inputs)));
  }

  private Tensor nothing(Inputs inputs) {
    if (baseline.matches("-?[0-9]+(\\.[0-9]+)?")) {
      return Tensor.scalar(Float.parseFloat(baseline));
    }
    Tensor example = inputs.read(baseline, bench.in()).values().iterator().next();
    long[] dims = example.dims();
    if (dims[0] != 1) {
      throw Inputs.bad("--baseline: " + dims[0] + " examples (expected: 1)", null);
    }
    return example.reshaped(Arrays.copyOfRange(dims, 1, dims.length));
  }

  private static Heat image(Tensor attributions) {
    if (attributions.rank() < 2) {
      throw Inputs.bad("--picture: the model's input is no image", null);
    }
    return Heat.of(attributions);
  }

  private void print(Explained explained) {
    Screen screen = bench.screen();
    List<Explained.Row> rows = explained.rows();
    for (int i = 0; i < Math.min(rows.size(), MOST_ROWS); i++) {
      Explained.Row row = rows.get(i);
      String where = rows.size() > 1 ? " row " + (i + 1) : "";
      String name = row.label().orElse("class " + row.target());
      screen.line(
          screen.paint(Style.DIM, explained.model() + " " + explained.version() + where + ": ")
              + screen.paint(Style.BOLD, name)
              + String.format(
                  Locale.ROOT,
                  "  %s %.4f, of the baseline %.4f (unexplained: %.4f)",
                  explained.output(),
                  row.score(),
                  row.baselineScore(),
                  row.gap()));
      reasons(row.attributions(), screen).forEach(screen::line);
    }
    if (rows.size() > MOST_ROWS) {
      screen.line("... and " + (rows.size() - MOST_ROWS) + " more (--json gives all)");
    }
  }

  private List<String> reasons(Tensor attributions, Screen screen) {
    if (attributions.rank() >= 2) {
      Heat heat = Heat.of(attributions);
      return new Picture(heat.supporting(), heat.width()).lines(screen);
    }
    List<String> known = names.isEmpty() ? heading() : names;
    List<SignedBars.Amount> amounts = new ArrayList<>();
    for (int i = 0; i < attributions.size(); i++) {
      String name = known.size() == attributions.size() ? known.get(i) : "[" + i + "]";
      amounts.add(new SignedBars.Amount(name, attributions.doubleAt(i)));
    }
    return SignedBars.lines(amounts, MOST_BARS, screen);
  }

  /** The names that a CSV file begins with; none if the input is something else. */
  private List<String> heading() {
    if (!input.endsWith(".csv") || !Files.isRegularFile(Path.of(input))) {
      return List.of();
    }
    try (var reader = Files.newBufferedReader(Path.of(input))) {
      char[] begin = new char[LONGEST_HEADING];
      int length = Math.max(0, reader.read(begin));
      String first = new String(begin, 0, length).lines().findFirst().orElse("");
      return first.matches(".*[0-9].*") ? List.of() : List.of(first.strip().split("\\s*[,;]\\s*"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
