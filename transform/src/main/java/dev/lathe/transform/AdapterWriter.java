package dev.lathe.transform;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes the nodes of adapters. */
final class AdapterWriter {
  private static final Map<String, Attribute> NONE = Map.of();

  private final FreshNames names;
  private final Map<String, Tensor> initializers;
  private final double dropout;
  private final List<Node> written = new ArrayList<>();

  /**
   * @param initializers those of the model and its adapters; takes the ratio of dropout
   */
  AdapterWriter(FreshNames names, Map<String, Tensor> initializers, double dropout) {
    this.names = names;
    this.initializers = initializers;
    this.dropout = dropout;
  }

  /** The node, whose output gets another name, and what makes the old one from it. */
  List<Node> write(Adapter adapter, AdapterSite site) {
    written.clear();
    Node node = site.node();
    String base = names.of(adapter.scope() + "base");
    List<String> outputs = new ArrayList<>(node.outputs());
    outputs.set(0, base);
    written.add(node.withOutputs(outputs));
    String x = site.data();
    if (dropout > 0) {
      String ratio = adapter.scope() + "ratio";
      initializers.put(ratio, Tensor.scalar((float) dropout));
      x = add(adapter, "Dropout", NONE, x, ratio);
    }
    String part = site.convolves() ? convolution(adapter, site, x) : product(adapter, site, x);
    written.add(
        Node.of("Add", List.of(base, part), List.of(node.output(0)))
            .withName(names.of(adapter.sum())));
    return List.copyOf(written);
  }

  private String convolution(Adapter adapter, AdapterSite site, String x) {
    Map<String, Attribute> first = new LinkedHashMap<>(site.node().attributes());
    String down = scaled(adapter, add(adapter, "Conv", first, x, adapter.down()));
    long[] one = new long[initializers.get(adapter.up()).rank() - 2];
    Arrays.fill(one, 1);
    Map<String, Attribute> second =
        Map.of("group", Attribute.of(site.groups()), "kernel_shape", Attribute.ofInts(one));
    return add(adapter, "Conv", second, down, adapter.up());
  }

  /** A weight on the right: {@code x·Aᵀ·Bᵀ}; on the left: {@code B·A·x}. */
  private String product(Adapter adapter, AdapterSite site, String x) {
    boolean right = site.operand() == 1;
    if (site.isGemm()) {
      Map<String, Attribute> alpha =
          Map.of("alpha", Attribute.of(site.node().floatAttribute("alpha", 1)));
      String own = right ? "transA" : "transB";
      Map<String, Attribute> first = new LinkedHashMap<>(alpha);
      first.put(own, Attribute.of(site.node().intAttribute(own, 0)));
      Map<String, Attribute> second = new LinkedHashMap<>();
      if (right) {
        first.put("transB", Attribute.of(1L));
        second.put("transB", Attribute.of(1L));
      }
      String down = scaled(adapter, multiply(adapter, first, operands(right, x, adapter.down())));
      return multiply(adapter, second, operands(right, down, adapter.up()));
    }
    String a = right ? add(adapter, "Transpose", NONE, adapter.down()) : adapter.down();
    String b = right ? add(adapter, "Transpose", NONE, adapter.up()) : adapter.up();
    String down = scaled(adapter, add(adapter, "MatMul", NONE, operands(right, x, a)));
    return add(adapter, "MatMul", NONE, operands(right, down, b));
  }

  private String multiply(Adapter adapter, Map<String, Attribute> attributes, String... operands) {
    return add(adapter, "Gemm", attributes, operands);
  }

  private static String[] operands(boolean right, String x, String weight) {
    return right ? new String[] {x, weight} : new String[] {weight, x};
  }

  private String scaled(Adapter adapter, String value) {
    return add(adapter, "Mul", NONE, value, adapter.scale());
  }

  private String add(Adapter adapter, String op, Map<String, Attribute> attributes, String... in) {
    String output = names.of(adapter.scope() + op.toLowerCase(Locale.ROOT));
    written.add(
        Node.of(op, List.of(in), List.of(output)).withAttributes(attributes).withName(output));
    return output;
  }
}
