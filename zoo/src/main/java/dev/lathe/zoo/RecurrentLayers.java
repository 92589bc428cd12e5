package dev.lathe.zoo;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Node;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Layers of LSTM or GRU one on the other, steps first: [T, N, features]. Letters: D directions, G
 * gates, h hidden features.
 *
 * <p>Parameters are laid out as ONNX's operators take them, not as PyTorch's modules have them:
 * {@code rnn.<layer>.W} [D, G·h, inputs], {@code rnn.<layer>.R} [D, G·h, h], {@code rnn.<layer>.B}
 * [D, 2·G·h] with the biases of both matrices. They are drawn as PyTorch draws them, within ±1/√h.
 *
 * @param cell the kind of layer
 * @param direction which way the steps are read
 * @param inputs features of a step
 * @param hidden h
 * @param layers how many
 * @param dropout ratio left out between two layers; 0 for none
 */
record RecurrentLayers(
    Cell cell, Direction direction, int inputs, int hidden, int layers, double dropout) {
  /** Which way steps are read. */
  enum Direction {
    FORWARD(1, "forward"),
    BOTH(2, "bidirectional");

    private final int count;
    private final String attribute;

    Direction(int count, String attribute) {
      this.count = count;
      this.attribute = attribute;
    }
  }

  /**
   * What the last layer says.
   *
   * @param steps at every step, [T, N, D·h]
   * @param end at the end of each direction, [D, N, h]
   */
  record Result(String steps, String end) {}

  void require(String what) {
    Limits.require(what + ": hidden", hidden, 1, Limits.MOST_FEATURES);
    Limits.require(what + ": layers", layers, 1, Limits.MOST_LAYERS);
    Limits.requireRatio(what + ": dropout", dropout);
  }

  /** D·h, features of a step behind the layers. */
  int outputs() {
    return direction.count * hidden;
  }

  /**
   * Adds the layers.
   *
   * @param steps the input, [T, N, inputs]
   * @param lengths how many steps each example has, INT32 [N]; empty if all have T
   */
  Result add(Net net, String steps, String lengths) {
    String value = steps;
    String end = "";
    for (int layer = 0; layer < layers; layer++) {
      List<String> outputs = layer(net, layer, value, lengths);
      value = joined(net, outputs.getFirst());
      end = outputs.getLast();
      if (layer + 1 < layers) {
        value = net.dropout(value, dropout);
      }
    }
    return new Result(value, end);
  }

  private List<String> layer(Net net, int layer, String x, String lengths) {
    String name = "rnn." + layer;
    Fill fill = Fill.byFan(hidden);
    long directions = direction.count;
    long rows = (long) cell.gates() * hidden;
    long columns = layer == 0 ? inputs : outputs();
    List<String> values = new ArrayList<>(List.of(x));
    values.add(net.parameter(name + ".W", fill, directions, rows, columns));
    values.add(net.parameter(name + ".R", fill, directions, rows, hidden));
    values.add(net.parameter(name + ".B", fill, directions, 2 * rows));
    if (!lengths.isEmpty()) {
      values.add(lengths);
    }
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("hidden_size", Attribute.of((long) hidden));
    attributes.put("direction", Attribute.of(direction.attribute));
    if (cell == Cell.GRU) {
      attributes.put("linear_before_reset", Attribute.of(1L));
    }
    boolean last = layer + 1 == layers;
    Node node = Node.of(cell.name(), values, last ? List.of("", "") : List.of(""));
    return net.named(name, List.of("out", "end"), node.withAttributes(attributes));
  }

  /** [T, D, N, h] to [T, N, D·h]. */
  private String joined(Net net, String y) {
    return direction == Direction.FORWARD
        ? net.add("Squeeze", y, net.longs(1))
        : net.reshape(net.transpose(y, 0, 2, 1, 3), 0, 0, outputs());
  }
}
