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
import java.util.Objects;

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
  List<Node> write(Adapter adapter, AdapterSite site, AdapterForm form) {
    written.clear();
    Node node = site.node();
    String base = names.of(adapter.scope() + "base");
    List<String> outputs = new ArrayList<>(node.outputs());
    outputs.set(0, base);
    written.add(node.withOutputs(outputs));
    String x = site.data();
    if (dropout > 0 && !site.picks()) {
      String ratio = adapter.scope() + "ratio";
      initializers.put(ratio, Tensor.scalar((float) dropout));
      x = add(adapter, "Dropout", NONE, x, ratio);
    }
    String part =
        site.convolves()
            ? convolution(adapter, site, form, x)
            : site.picks() ? rows(adapter, x) : product(adapter, site, form, x);
    written.add(
        Node.of("Add", List.of(base, part), List.of(node.output(0)))
            .withName(names.of(adapter.sum())));
    return List.copyOf(written);
  }

  private String convolution(Adapter adapter, AdapterSite site, AdapterForm form, String x) {
    Map<String, Attribute> first = new LinkedHashMap<>(site.node().attributes());
    String down = scaled(adapter, add(adapter, site.node().op(), first, x, adapter.down()));
    long[] one = new long[form.dims().size() - 2];
    Arrays.fill(one, 1);
    Map<String, Attribute> second =
        Map.of("group", Attribute.of(form.groups()), "kernel_shape", Attribute.ofInts(one));
    return add(adapter, "Conv", second, down, adapter.up());
  }

  /** Rows of a weight [O, I]: rows of B, times A. */
  private String rows(Adapter adapter, String indices) {
    Map<String, Attribute> axis = Map.of("axis", Attribute.of(0L));
    String picked = scaled(adapter, add(adapter, "Gather", axis, adapter.up(), indices));
    return add(adapter, "MatMul", NONE, picked, adapter.down());
  }

  /** A weight on the right: {@code x·Aᵀ·Bᵀ}; on the left: {@code B·A·x}. */
  private String product(Adapter adapter, AdapterSite site, AdapterForm form, String x) {
    boolean right = site.operand() == 1;
    if (site.isGemm()) {
      return gemm(adapter, site, x);
    }
    String a = adapter.down();
    String b = adapter.up();
    if (form.stack().isEmpty()) {
      a = right ? add(adapter, "Transpose", NONE, a) : a;
      b = right ? add(adapter, "Transpose", NONE, b) : b;
    } else {
      a = sideBySide(adapter, a, form.downParts(rank(adapter, form)));
      a = right ? turned(adapter, a, form.swapLast()) : a;
      b = sideBySide(adapter, b, form.upParts(rank(adapter, form)));
      b = turned(adapter, b, form.stackFirst(right));
    }
    String down = scaled(adapter, add(adapter, "MatMul", NONE, operands(right, x, a)));
    return add(adapter, "MatMul", NONE, operands(right, down, b));
  }

  private String gemm(Adapter adapter, AdapterSite site, String x) {
    boolean right = site.operand() == 1;
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

  private long rank(Adapter adapter, AdapterForm form) {
    return form.rankOf(Objects.requireNonNull(initializers.get(adapter.down())));
  }

  private String sideBySide(Adapter adapter, String value, long[] sizes) {
    String shape = names.of(adapter.scope() + "sizes");
    initializers.put(shape, Tensor.ofLongs(sizes, sizes.length));
    return add(adapter, "Reshape", NONE, value, shape);
  }

  private String turned(Adapter adapter, String value, long[] order) {
    return add(adapter, "Transpose", Map.of("perm", Attribute.ofInts(order)), value);
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
