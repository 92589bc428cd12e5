package dev.lathe.transform.gradient;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.runtime.interpreter.Kernels;
import dev.lathe.transform.QuantizeWeights;
import dev.lathe.transform.shape.ShapeRules;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The page of operators is made from the tables, and says what they say. {@code -Ddocs.fix=true}
 * writes it anew.
 */
class OperatorsPageTest {
  private static final String PAGE = "docs/reference/operators.md";
  private static final String FIX =
      "mvn -pl transform -am test -Dtest=OperatorsPageTest -Ddocs.fix=true"
          + " -Dsurefire.failIfNoSpecifiedTests=false";

  /** Operators that newer ones replaced; models that have them are rewritten first. */
  private static final Map<String, String> REPLACED =
      Map.of("Scatter", "ScatterElements", "Upsample", "Resize");

  /** Each is refused where the step is made, with the node and what is expected instead. */
  private static final String FORMS =
      """

      ## Forms that have no gradient

      A rule or parts may not cover all that an operator can do. These are refused when a step is made, before training
      starts, with the node, what was found and what is expected:

      | Operators | Refused |
      | --- | --- |
      | LSTM, GRU, RNN | `clip`, peepholes, `input_forget`, `layout` 1, activations other than the usual ones (RNN: Tanh and Relu), an unknown `hidden_size` |
      | Conv, pools, ConvTranspose | open sizes of space; ConvTranspose: `output_shape`, `auto_pad` |
      | MaxPool | `storage_order` 1 |
      | Slice, Pad, Tile, Reduce*, CumSum, Resize and others | starts, pads, repeats, axes or sizes that the graph computes, where they are not constant |
      | Resize | a resized axis of open size |
      | Pad | modes other than constant, reflect, edge and wrap |
      | RoiAlign | `mode` max, `sampling_ratio` 0 |
      | GridSample, DeformConv, AffineGrid | open sizes of space |
      | Attention | windows that the operator itself cuts |
      | Softmax, LogSoftmax before version 13 | an axis that is not the last |
      | Det | more than 24 rows |
      | DFT, STFT | open lengths; `inverse` together with `onesided` |
      | Dropout | `training_mode` that is on, or not constant |
      """;

  /** Models before this version of {@code ai.onnx} are refused. */
  private static final long OLDEST = 7;

  /** What the engine takes at most. */
  private static long newest;

  private static final Map<String, List<Long>> VERSIONS = new TreeMap<>();

  @BeforeAll
  static void readVersions() throws IOException {
    String table = "dev/lathe/onnx/check/operators.tsv";
    InputStream in = OperatorsPageTest.class.getClassLoader().getResourceAsStream(table);
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(Objects.requireNonNull(in, table), StandardCharsets.UTF_8))) {
      lines
          .lines()
          .map(line -> line.split("\t", -1))
          .filter(cells -> cells[0].equals("ai.onnx"))
          .forEach(
              cells ->
                  VERSIONS
                      .computeIfAbsent(cells[1], _ -> new ArrayList<>())
                      .add(Long.parseLong(cells[2])));
    }
    newest = Model.OPSET;
    while (opens(newest + 1)) {
      newest++;
    }
  }

  private static boolean opens(long version) {
    GraphBuilder builder = new GraphBuilder("g");
    builder.input("x", ElementType.FLOAT, Shape.of(1));
    builder.append(Node.of("Relu", List.of("x"), List.of("y")));
    builder.output("y", ElementType.FLOAT, Shape.of(1));
    Model model = Model.of(builder.build()).withOpset("", version);
    try (Session session = Session.open(model, SessionOptions.defaults())) {
      return session != null;
    } catch (LatheException refused) {
      return false;
    }
  }

  @Test
  void everyOperatorOfOnnx_isKnownInOneWay() {
    List<String> wrong = new ArrayList<>();
    for (String op : VERSIONS.keySet()) {
      long ways =
          List.of(
                  GradientRules.operators(),
                  Decompositions.operators(),
                  GradientRules.flat(),
                  Refusals.table().keySet(),
                  REPLACED.keySet())
              .stream()
              .filter(table -> table.contains(op))
              .count();
      if (ways != 1) {
        wrong.add(op + " in " + ways + " tables");
      }
    }
    assertThat(wrong).as("rule, decomposition, flat, refused or replaced").isEmpty();
  }

  @Test
  void tables_nameNothingThatOnnxDoesNotHave() {
    TreeSet<String> named = new TreeSet<>(GradientRules.operators());
    named.removeIf(op -> op.startsWith(TrainingForms.DOMAIN));
    named.addAll(Decompositions.operators());
    named.addAll(GradientRules.flat());
    named.addAll(Refusals.table().keySet());
    named.addAll(ShapeRules.operators());
    named.addAll(Kernels.table().keySet());
    named.removeAll(VERSIONS.keySet());
    assertThat(named).isEmpty();
  }

  @Test
  void page_saysWhatTheTablesSay() throws IOException {
    Path file = root().resolve(PAGE);
    String expected = page();
    if (Boolean.getBoolean("docs.fix")) {
      Files.writeString(file, expected);
    }
    assertThat(Files.exists(file) ? Files.readString(file) : "")
        .as("run: " + FIX)
        .isEqualTo(expected);
  }

  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("docs/reference"))) {
      folder = Optional.ofNullable(folder.getParent()).orElseThrow();
    }
    return folder;
  }

  private static String page() {
    StringBuilder page = new StringBuilder();
    page.append("# Operators\n\n");
    page.append("Made from the tables of operators; do not edit. To make it anew:\n\n");
    page.append("    ").append(FIX).append("\n\n");
    page.append(
        """
        Models of `ai.onnx` version %d to %d are taken. For training they are rewritten to version %d first, or stay at
        their own where that is newer. An operator that is not listed, or of another domain, is run by the engine if the
        engine knows it, and refused by name where its gradient is needed.

        - **Versions**: the operator's own, of those that models of versions %d to %d may use.
        - **Shapes**: whether shape inference works out its outputs.
        - **Gradient**: *rule*; *parts*, differentiated as the simpler operators that it is made of; *flat*, where nothing
          changes by a small change of the inputs, which ends a path; or *refused* when a step is made, with the reason.
        - **Interpreter**: whether the reference interpreter computes it.
        - **Quantization**: *weights* where constant weights are put into 8 or 4 bits for text models; others stay as they are.
        - **Checked by**: `GradientTest` compares gradients with central differences in double precision, `GradientEngineTest`
          the engine's gradients with the interpreter's, `ShapesTest` inferred shapes with computed ones, `InterpreterTest`
          the interpreter with the engine, `RefusalTest` the refusal.

        """
            .formatted(OLDEST, newest, Model.OPSET, OLDEST, newest));
    page.append(
        "| Operator | Versions | Shapes | Gradient | Interpreter | Quantization | Checked by |\n");
    page.append("| --- | --- | --- | --- | --- | --- | --- |\n");
    VERSIONS.keySet().forEach(op -> versions(op).ifPresent(v -> page.append(line(op, v))));
    return page.append(FORMS).toString();
  }

  /** Those in force for some model from the oldest to the newest version; none if none is. */
  private static Optional<String> versions(String op) {
    List<Long> all = VERSIONS.get(op);
    List<String> some = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      boolean replaced = i + 1 < all.size() && all.get(i + 1) <= OLDEST;
      if (all.get(i) <= newest && !replaced) {
        some.add(Long.toString(all.get(i)));
      }
    }
    return some.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", some));
  }

  private static String line(String op, String versions) {
    return "| "
        + String.join(
            " | ",
            op,
            versions,
            ShapeRules.operators().contains(op) ? "yes" : "–",
            gradient(op),
            Kernels.table().containsKey(op) ? "yes" : "–",
            QuantizeWeights.operators().contains(op) ? "weights" : "–",
            tests(op))
        + " |\n";
  }

  private static String gradient(String op) {
    if (REPLACED.containsKey(op)) {
      return "as " + REPLACED.get(op);
    }
    if (GradientRules.operators().contains(op)) {
      return "rule";
    }
    if (Decompositions.operators().contains(op)) {
      return "parts";
    }
    return GradientRules.flat().contains(op) ? "flat" : "refused: " + Refusals.table().get(op);
  }

  private static String tests(String op) {
    List<String> tests = new ArrayList<>();
    if (GradientCases.TABLE.containsKey(op)) {
      tests.add("GradientTest");
      tests.add("GradientEngineTest");
    }
    if (ShapesTest.CASES.containsKey(op) || ShapesTest.APART.contains(op)) {
      tests.add("ShapesTest");
    }
    if (Kernels.table().containsKey(op)) {
      tests.add("InterpreterTest");
    }
    if (Refusals.table().containsKey(op)) {
      tests.add("RefusalTest");
    }
    if (REPLACED.containsKey(op)) {
      tests.add("UpgradeOpsetTest");
    }
    return tests.isEmpty()
        ? "–"
        : tests.stream().map(test -> "`" + test + "`").collect(Collectors.joining(", "));
  }
}
