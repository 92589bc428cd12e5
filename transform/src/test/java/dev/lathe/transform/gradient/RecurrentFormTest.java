package dev.lathe.transform.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Bytes;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Interpreter;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.transform.Differentiate;
import dev.lathe.transform.MeanSquaredError;
import dev.lathe.transform.Objective;
import dev.lathe.transform.Sgd;
import dev.lathe.transform.TrainingGraphs;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Recurrent layers as training has them: on the engine, beside the operator, and refused. */
class RecurrentFormTest {
  private static final Map<String, Function<Random, Case>> CASES =
      Map.of("LSTM", RecurrentCases::lstm, "GRU", RecurrentCases::gru, "RNN", RecurrentCases::rnn);

  @ParameterizedTest
  @ValueSource(strings = {"LSTM", "GRU", "RNN"})
  void engine_givesTheInterpretersGradients(String op) {
    for (int seed = 0; seed < 24; seed++) {
      Random random = new Random(seed);
      Case c = CASES.get(op).apply(random);
      Map<String, Tensor> inputs = new LinkedHashMap<>();
      c.variables.forEach((name, value) -> inputs.put(name, floats(value)));
      List<Tensor> weights = new ArrayList<>();
      for (Tensor y : Interpreter.run(c.model(Case.Declared.FIXED, List.of()), inputs).values()) {
        double[] values = random.doubles(y.size(), -1, 1).toArray();
        weights.add(Tensor.ofValues(ElementType.FLOAT, values, y.dims()));
        inputs.put("w" + (weights.size() - 1), weights.getLast());
      }
      for (Case.Declared declared : List.of(Case.Declared.FIXED, Case.Declared.RANK)) {
        Model model = c.model(declared, weights);
        Model gradients = Differentiate.apply(model, "loss", c.variables.keySet()).model();
        Map<String, Tensor> expected = Interpreter.run(gradients, inputs);
        try (Session session = Session.open(gradients, SessionOptions.training(1))) {
          session
              .run(inputs)
              .forEach(
                  (name, found) ->
                      assertThat(found.toDoubles())
                          .as("%s of %s, %s", name, c, declared)
                          .containsExactly(expected.get(name).toDoubles(), within(2e-4)));
        }
      }
    }
  }

  private static Tensor floats(Tensor tensor) {
    return Tensor.ofValues(ElementType.FLOAT, tensor.toDoubles(), tensor.dims());
  }

  @ParameterizedTest
  @ValueSource(strings = {"LSTM", "GRU", "RNN"})
  void evaluation_keepsTheOperator_trainingSpellsItOut(String op) {
    Case c = plain(op);
    Model model = c.model(Case.Declared.FIXED, List.of());
    Map<String, Tensor> fixed = new LinkedHashMap<>();
    for (String name : List.of("x1", "x2")) {
      fixed.put(name, floats(c.variables.get(name)));
    }
    Model forward =
        model.withGraph(
            model
                .graph()
                .withInputs(List.of(model.graph().inputs().getFirst()))
                .withInitializers(fixed));
    TrainingGraphs graphs =
        TrainingGraphs.of(
            forward, new Objective(new MeanSquaredError(), "y0"), Sgd.plain(), Set.of("x1", "x2"));
    assertThat(operators(graphs.evaluation().model())).contains(op).doesNotContain("Scan");
    assertThat(operators(graphs.step().model())).contains("Scan").doesNotContain(op);
  }

  private static List<String> operators(Model model) {
    return model.graph().nodes().stream().map(node -> node.op()).toList();
  }

  /** 2 steps, 3 sequences, 2 inputs, 2 hidden units. */
  private static Case plain(String op) {
    int gates = op.equals("LSTM") ? 4 : op.equals("GRU") ? 3 : 1;
    return new Case(op, new Random(1))
        .in(2, 3, 2)
        .in(1, gates * 2, 2)
        .in(1, gates * 2, 2)
        .with("hidden_size", Attribute.of(2L));
  }

  private static void refused(String op, Consumer<Case> change, String why) {
    Case c = plain(op);
    change.accept(c);
    Model model =
        c.model(Case.Declared.FIXED, List.of(Tensor.zeros(ElementType.FLOAT, 2, 1, 3, 2)));
    assertThatThrownBy(() -> Differentiate.apply(model, "loss", Set.of("x0")))
        .hasMessage("node \"node\" (" + op + "): no gradient: " + why);
  }

  @ParameterizedTest
  @ValueSource(strings = {"LSTM", "GRU", "RNN"})
  void formsWithoutGradient_areRefusedByName(String op) {
    refused(op, c -> c.with("layout", Attribute.of(1L)), "layout 1 (expected: 0)");
    refused(op, c -> c.with("clip", Attribute.of(3f)), "clip (expected: none)");
    List<Bytes> odd = Collections.nCopies(op.equals("RNN") ? 1 : 2, Bytes.utf8("Affine"));
    String usual =
        op.equals("LSTM")
            ? "[Sigmoid, Tanh, Tanh]"
            : op.equals("GRU") ? "[Sigmoid, Tanh]" : "[Tanh]";
    refused(
        op,
        c -> c.with("activations", new Attribute.OfStrings(odd)),
        "activations " + odd.stream().map(Bytes::utf8).toList() + " (expected: " + usual + ")");
    refused(
        op,
        c -> c.with("direction", Attribute.of("sideways")),
        "direction \"sideways\" (expected: forward, reverse, bidirectional)");
    if (op.equals("LSTM")) {
      refused(op, c -> c.with("input_forget", Attribute.of(1L)), "input_forget 1 (expected: 0)");
      refused(
          op,
          c ->
              c.omitted()
                  .omitted()
                  .omitted()
                  .omitted()
                  .fixed(Tensor.zeros(ElementType.FLOAT, 1, 6)),
          "peepholes \"c7\" (expected: none)");
    }
  }
}
