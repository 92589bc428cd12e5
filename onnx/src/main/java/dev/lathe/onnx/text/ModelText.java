package dev.lathe.onnx.text;

import dev.lathe.ir.Function;
import dev.lathe.ir.Graph;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Notes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Prints a model: its head, its graph, its functions. */
public final class ModelText {
  private final Lines out = new Lines();

  private ModelText() {}

  /**
   * Prints a model.
   *
   * @param model the model
   * @return many lines
   */
  public static String print(Model model) {
    ModelText text = new ModelText();
    text.head(model);
    text.graph("", model.graph());
    model.functions().forEach(text::function);
    return text.out.toString();
  }

  private void head(Model model) {
    List<String> entries = new ArrayList<>();
    entries.add("ir_version: " + model.irVersion());
    entries.add("opset_import: " + opsets(model.opsets()));
    add(entries, "producer_name", model.producer().name());
    add(entries, "producer_version", model.producer().version());
    add(entries, "domain", model.domain());
    if (model.version() != 0) {
      entries.add("model_version: " + model.version());
    }
    notes(entries, model.notes());
    block(entries);
  }

  private void block(List<String> entries) {
    out.open("<");
    for (int i = 0; i < entries.size(); i++) {
      out.line(entries.get(i) + (i + 1 < entries.size() ? "," : ""));
    }
    out.close(">");
  }

  private static void notes(List<String> entries, Notes notes) {
    add(entries, "doc_string", notes.doc());
    if (!notes.metadata().isEmpty()) {
      entries.add(
          "metadata_props: ["
              + Lines.joined(
                  notes.metadata().entrySet(),
                  entry -> Lines.quoted(entry.getKey()) + ": " + Lines.quoted(entry.getValue()))
              + "]");
    }
  }

  private static void add(List<String> entries, String key, String value) {
    if (!value.isEmpty()) {
      entries.add(key + ": " + Lines.quoted(value));
    }
  }

  private static String opsets(Map<String, Long> opsets) {
    return "["
        + Lines.joined(
            opsets.entrySet(), entry -> "\"" + entry.getKey() + "\" : " + entry.getValue())
        + "]";
  }

  private void graph(String before, Graph graph) {
    String head =
        before
            + Lines.name(graph.name())
            + " ("
            + Lines.joined(graph.inputs(), TypeText::value)
            + ") => ("
            + Lines.joined(graph.outputs(), TypeText::value)
            + ")";
    List<String> constants =
        Stream.concat(
                graph.initializers().entrySet().stream()
                    .map(
                        entry ->
                            TypeText.tensorType(entry.getValue())
                                + " "
                                + Lines.name(entry.getKey())
                                + " = "
                                + TypeText.elements(entry.getValue())),
                graph.sparseInitializers().entrySet().stream()
                    .map(
                        entry ->
                            Lines.name(entry.getKey()) + " = " + TypeText.sparse(entry.getValue())))
            .toList();
    if (constants.isEmpty()) {
      out.open(head + " {");
    } else {
      out.line(head);
      block(constants);
      out.open("{");
    }
    graph.nodes().forEach(this::node);
    out.close("}");
  }

  private void node(Node node) {
    String label = node.name().isEmpty() ? "" : "[" + Lines.name(node.name()) + "] ";
    String overload = node.overload().isEmpty() ? "" : ":" + node.overload();
    String call =
        label
            + Lines.joined(node.outputs(), Lines::name)
            + " = "
            + node.qualifiedOp()
            + overload
            + AttributeText.attributes(node.attributes())
            + " ("
            + Lines.joined(node.inputs(), Lines::name)
            + ")";
    Map<String, Graph> bodies = AttributeText.bodies(node.attributes());
    if (bodies.isEmpty()) {
      out.line(call);
      return;
    }
    out.open(call + " <");
    bodies.forEach((key, body) -> graph(Lines.name(key) + ": graph = ", body));
    out.close(">");
  }

  private void function(Function function) {
    out.line("");
    List<String> entries = new ArrayList<>();
    entries.add("domain: \"" + function.domain() + "\"");
    entries.add("opset_import: " + opsets(function.opsets()));
    add(entries, "overload", function.overload());
    notes(entries, function.notes());
    block(entries);
    String parameters =
        Stream.concat(
                function.attributes().stream().map(Lines::name),
                AttributeText.printed(function.defaults()))
            .reduce((left, right) -> left + ", " + right)
            .map(all -> " <" + all + ">")
            .orElse("");
    out.open(
        Lines.name(function.name())
            + parameters
            + " ("
            + Lines.joined(function.inputs(), Lines::name)
            + ") => ("
            + Lines.joined(function.outputs(), Lines::name)
            + ") {");
    function.nodes().forEach(this::node);
    out.close("}");
  }
}
