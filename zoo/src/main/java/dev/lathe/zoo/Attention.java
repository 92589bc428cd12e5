package dev.lathe.zoo;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import java.util.List;
import java.util.Map;

/**
 * Scaled dot-product attention over heads, without a loop over them: {@code softmax(q·kᵀ/√d +
 * mask)·v}. Rows are tokens of all examples, [N·T, width]; heads are [N, H, T, d].
 *
 * @see <a href="https://arxiv.org/abs/1706.03762">Vaswani et al. 2017, section 3.2</a>
 */
final class Attention {
  /** Added to a score that must not count; finite, so that a row of nothing else stays finite. */
  private static final float NEVER = -1e9f;

  private final Net net;
  private final int heads;
  private final int width;

  Attention(Net net, int heads, int width) {
    this.net = net;
    this.heads = heads;
    this.width = width;
  }

  /** Sizes that tell how rows fall into heads: {@code [N, T, ...]} for tokens [N, T]. */
  record Layout(String packed, String pair, String single) {}

  /** The sizes [N, T, 3, H, d], [N, T, 2, H, d] and [N, T, H, d]. */
  Layout layout(String tokens) {
    String both = net.add("Shape", tokens);
    int each = width / heads;
    return new Layout(
        net.join(both, net.longs(3, heads, each)),
        net.join(both, net.longs(2, heads, each)),
        net.join(both, net.longs(heads, each)));
  }

  /** Rows of queries, keys and values side by side, [N·T, 3·width], to three of [N, H, T, d]. */
  List<String> unpack(String rows, Layout layout) {
    return unpack(net.add("Reshape", rows, layout.packed()), 3);
  }

  /** Rows of keys and values side by side, [N·T, 2·width], to two of [N, H, T, d]. */
  List<String> unpackPair(String rows, Layout layout) {
    return unpack(net.add("Reshape", rows, layout.pair()), 2);
  }

  private List<String> unpack(String sideBySide, int parts) {
    return net.split(net.transpose(sideBySide, 2, 0, 3, 1, 4), 0, parts).stream()
        .map(part -> net.add("Squeeze", part, net.longs(0)))
        .toList();
  }

  /** Rows [N·T, width] to heads [N, H, T, d]. */
  String heads(String rows, Layout layout) {
    return net.transpose(net.add("Reshape", rows, layout.single()), 0, 2, 1, 3);
  }

  /** What the queries take from the values, as rows [N·T, width]. */
  String mix(String queries, String keys, String values, String mask) {
    double scale = 1 / Math.sqrt((double) width / heads);
    String scores = net.add("MatMul", queries, net.transpose(keys, 0, 1, 3, 2));
    String masked = net.add("Add", net.add("Mul", scores, net.number(scale)), mask);
    String mixed = net.add("MatMul", net.add("Softmax", masked), values);
    return net.reshape(net.transpose(mixed, 0, 2, 1, 3), -1, width);
  }

  /** FLOAT [T, T]: no token sees a later one. */
  static String causal(Net net, String tokens) {
    String size = net.size(tokens, 1);
    Tensor never = Tensor.ofFloats(new float[] {NEVER}, 1);
    String full =
        net.add("ConstantOfShape", Map.of("value", Attribute.of(never)), net.join(size, size));
    return net.add("Trilu", Map.of("upper", Attribute.of(1L)), full, net.whole(1));
  }

  /** FLOAT [N, 1, 1, T]: nobody sees where a mask, INT64 [N, T], is 0. */
  static String masked(Net net, String mask) {
    String number =
        net.add("Cast", Map.of("to", Attribute.of((long) ElementType.FLOAT.code())), mask);
    String hidden = net.add("Mul", net.add("Sub", net.number(1), number), net.number(NEVER));
    return net.add("Unsqueeze", hidden, net.longs(1, 2));
  }

  /** FLOAT [N, 1, 1, T]: nobody sees padding. */
  static String padding(Net net, String tokens, long pad) {
    String padded = net.add("Equal", tokens, net.whole(pad));
    String number =
        net.add("Cast", Map.of("to", Attribute.of((long) ElementType.FLOAT.code())), padded);
    return net.add("Unsqueeze", net.add("Mul", number, net.number(NEVER)), net.longs(1, 2));
  }
}
