package dev.lathe.transform;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Node;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One node as an older version of {@code ai.onnx} has it, to be written as {@link
 * dev.lathe.ir.Model#OPSET} has it.
 *
 * @param node the node
 * @param version the version it is written in
 * @param names names for new values
 * @param nodes where it is written to
 */
record OldForm(Node node, long version, FreshNames names, List<Node> nodes) {
  private static final int INT_CODE = 2;

  void write() {
    if (!node.domain().isEmpty()) {
      nodes.add(node);
      return;
    }
    switch (node.op()) {
      case "Softmax", "LogSoftmax", "Hardmax" -> softmax();
      case "Squeeze", "Unsqueeze", "ReduceSum" -> toInputs(13, "axes");
      case "ReduceMax", "ReduceMin", "ReduceMean", "ReduceProd", "ReduceL1", "ReduceL2" ->
          toInputs(18, "axes");
      case "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare" -> toInputs(18, "axes");
      case "Split" -> split();
      case "Slice" -> toInputs(10, "starts", "ends", "axes");
      case "Pad" -> toInputs(11, "pads", "value");
      case "Clip" -> toInputs(11, "min", "max");
      case "Dropout" -> toInputs(12, "ratio");
      case "TopK" -> toInputs(10, "k");
      case "BatchNormalization" -> batchNormalization();
      case "GroupNormalization" -> groupNormalization();
      case "Upsample" -> upsample();
      case "Resize" -> resize();
      case "Scatter" -> nodes.add(renamed("ScatterElements"));
      case "DFT" -> fourier();
      case "GridSample" -> gridSample();
      case "RoiAlign" -> roiAlign();
      default -> nodes.add(node);
    }
  }

  private Node renamed(String op) {
    return new Node(
        op, "", "", node.name(), node.inputs(), node.outputs(), node.attributes(), node.notes());
  }

  private Node without(String... keys) {
    Map<String, Attribute> rest = new LinkedHashMap<>(node.attributes());
    rest.keySet().removeAll(List.of(keys));
    return node.withAttributes(rest);
  }

  /** A node of one output, whose name tells whom it serves. */
  private String add(String op, Map<String, Attribute> attributes, String... inputs) {
    String output = names.of(node.output(0) + "/" + op.toLowerCase(java.util.Locale.ROOT));
    Node more = Node.of(op, List.of(inputs), List.of(output)).withAttributes(attributes);
    nodes.add(more.withName(output));
    return output;
  }

  private String add(String op, String... inputs) {
    return add(op, Map.of(), inputs);
  }

  private String longs(long... values) {
    return add("Constant", Map.of("value_ints", Attribute.ofInts(values)));
  }

  /** Attributes that are inputs since a version, in their order after the first input. */
  private void toInputs(long since, String... keys) {
    if (version >= since) {
      nodes.add(node);
      return;
    }
    List<String> inputs = new ArrayList<>(List.of(node.input(0)));
    for (String key : keys) {
      inputs.add(node.attribute(key).map(value -> constant(key, value)).orElse(""));
    }
    while (inputs.getLast().isEmpty()) {
      inputs.removeLast();
    }
    nodes.add(without(keys).withInputs(inputs));
  }

  private String constant(String key, Attribute value) {
    return switch (value) {
      case Attribute.OfInts ints -> add("Constant", Map.of("value_ints", ints));
      case Attribute.OfInt(long number) -> longs(number);
      case Attribute.OfFloat number ->
          add("CastLike", add("Constant", Map.of("value_float", number)), node.input(0));
      case Attribute.Reference(_, int type) ->
          add("Constant", Map.of(type == INT_CODE ? "value_int" : "value_ints", value));
      case Attribute.OfString _,
          Attribute.OfTensor _,
          Attribute.OfSparseTensor _,
          Attribute.OfGraph _,
          Attribute.OfType _,
          Attribute.OfFloats _,
          Attribute.OfStrings _,
          Attribute.OfTensors _,
          Attribute.OfSparseTensors _,
          Attribute.OfGraphs _,
          Attribute.OfTypes _ ->
          throw refuse("attribute \"" + key + "\" (expected: numbers)");
    };
  }

  private LatheException refuse(String why) {
    return new LatheException(
        TransformError.UNSUPPORTED_FORM, node.describe() + " of version " + version + ": " + why);
  }

  /** Before 13, all axes from the given one on were one. */
  private void softmax() {
    long axis = node.intAttribute("axis", 1);
    if (version >= 13 || axis == -1) {
      nodes.add(node);
      return;
    }
    String flat = add("Flatten", Map.of("axis", Attribute.of(axis)), node.input(0));
    String done = add(node.op(), Map.of("axis", Attribute.of(-1L)), flat);
    String shape = add("Shape", node.input(0));
    Node back = Node.of("Reshape", List.of(done, shape), List.of(node.output(0)));
    nodes.add(back.withName(node.name()));
  }

  private void split() {
    Node sized = node;
    if (version < 18 && node.attribute("split").isEmpty() && node.input(1).isEmpty()) {
      sized = node.with("num_outputs", Attribute.of((long) node.outputs().size()));
    }
    new OldForm(sized, version, names, nodes).toInputs(13, "split");
  }

  private void batchNormalization() {
    if (version >= 14) {
      nodes.add(node);
      return;
    }
    boolean inference = node.outputs().stream().skip(1).allMatch(String::isEmpty);
    if (!inference || node.intAttribute("spatial", 1) == 0) {
      throw refuse("more than one output, or spatial = 0 (expected: inference by channel)");
    }
    nodes.add(without("spatial").withOutputs(node.outputs().subList(0, 1)));
  }

  /** Before 21, scale and bias were one number for each group. */
  private void groupNormalization() {
    long groups = node.intAttribute("num_groups", 1);
    String channels = add("Shape", range(1, 2), node.input(0));
    String each = add("Div", channels, longs(groups));
    String repeats = add("Concat", Map.of("axis", Attribute.of(0L)), longs(1), each);
    List<String> inputs = new ArrayList<>(List.of(node.input(0)));
    for (int i = 1; i < 3; i++) {
      String column = add("Reshape", node.input(i), longs(groups, 1));
      inputs.add(add("Reshape", add("Tile", column, repeats), longs(-1)));
    }
    nodes.add(node.withInputs(inputs));
  }

  private static Map<String, Attribute> range(long start, long end) {
    return Map.of("start", Attribute.of(start), "end", Attribute.of(end));
  }

  /** Upsample took the element at the place divided by the scale, rounded down. */
  private void upsample() {
    String scales =
        node.attribute("scales")
            .map(value -> add("Constant", Map.of("value_floats", value)))
            .orElse(node.input(1));
    asymmetric(renamed("Resize"), scales);
  }

  private void resize() {
    if (version >= 11) {
      nodes.add(node);
    } else {
      asymmetric(node, node.input(1));
    }
  }

  private void asymmetric(Node resize, String scales) {
    boolean nearest = node.stringAttribute("mode", "nearest").equals("nearest");
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("mode", Attribute.of(nearest ? "nearest" : "linear"));
    attributes.put("coordinate_transformation_mode", Attribute.of("asymmetric"));
    attributes.put("nearest_mode", Attribute.of("floor"));
    nodes.add(resize.withInputs(List.of(node.input(0), "", scales)).withAttributes(attributes));
  }

  /** Before 20, the axis was an attribute, and 1 unless given. */
  private void fourier() {
    if (version >= 20) {
      nodes.add(node);
      return;
    }
    Attribute axis = node.attribute("axis").orElse(Attribute.of(1L));
    String input = add("Constant", Map.of("value_int", axis));
    nodes.add(without("axis").withInputs(List.of(node.input(0), node.input(1), input)));
  }

  private void gridSample() {
    String mode = node.stringAttribute("mode", "bilinear");
    String now = mode.equals("bilinear") ? "linear" : mode.equals("bicubic") ? "cubic" : mode;
    nodes.add(version < 20 ? node.with("mode", Attribute.of(now)) : node);
  }

  /** Before 16, places were not moved by half an element. */
  private void roiAlign() {
    nodes.add(
        version < 16
            ? node.with("coordinate_transformation_mode", Attribute.of("output_half_pixel"))
            : node);
  }
}
