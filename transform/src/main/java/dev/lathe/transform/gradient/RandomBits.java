package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;

/**
 * Random numbers as a pure function of seed, step, stream and place: no state is hidden in the
 * engine, so a run that is taken up again draws what it would have drawn.
 *
 * <p>Numbers for R rows and C columns come from Widynski's Squares, a counter-based generator, at R
 * + C places. An element's number is the product of its row's and its column's, both odd, modulo
 * 2³²: two elements are independent, as in multiply-shift hashing, and a large tensor costs one
 * multiplication per element.
 *
 * @see <a href="https://arxiv.org/abs/2004.06278">Widynski, Squares: A Fast Counter-Based RNG</a>
 */
final class RandomBits {
  /** An irregular key to start from, as the generator wants them. */
  private static final long KEY = 0xc58efd154ce32f6dL;

  private final Draft draft;

  RandomBits(Draft draft) {
    this.draft = draft;
  }

  private String word(String label, long value) {
    byte[] bytes =
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    return draft.constant(label, Tensor.ofBytes(ElementType.UINT64, bytes));
  }

  private String cast(String value, ElementType type) {
    return draft.node("Cast", Map.of("to", Attribute.of((long) type.code())), value);
  }

  private String shift(String value, String direction, int bits) {
    Map<String, Attribute> attributes = Map.of("direction", Attribute.of(direction));
    return draft.node("BitShift", attributes, value, word(Integer.toString(bits), bits));
  }

  private String turn(String value) {
    return draft.node("Add", shift(value, "RIGHT", 32), shift(value, "LEFT", 32));
  }

  private String squarePlus(String x, String summand) {
    return draft.node("Add", draft.node("Mul", x, x), summand);
  }

  /** Four rounds of Squares; the upper half of the result is random, the lower all but. */
  private String squares(String counter, String key) {
    String y = draft.node("Mul", counter, key);
    String z = draft.node("Add", y, key);
    String x = turn(squarePlus(y, y));
    x = turn(squarePlus(x, z));
    x = turn(squarePlus(x, y));
    return squarePlus(x, z);
  }

  /** The upper half of a number, with its last bit set. */
  private String upperOdd(String value) {
    String half = shift(value, "RIGHT", 33);
    return draft.node("Add", draft.node("Add", half, half), word("1", 1));
  }

  /** A key for what a number counts. */
  private String key(String counter, String key) {
    String mixed = turn(squares(draft.node("Add", counter, word("1", 1)), key));
    return draft.node("Add", draft.node("Add", mixed, mixed), word("1", 1));
  }

  /**
   * Random numbers for the elements of a matrix.
   *
   * @param counters names of INT64 [] values: seed and step
   * @param stream tells apart what draws in one step
   * @param rows R, INT64 [1]
   * @param columns C, INT64 [1]
   * @return UINT32 [R, C], uniform over the odd numbers
   */
  String matrix(List<String> counters, long stream, String rows, String columns) {
    String key = word("key", KEY);
    for (String counter : counters) {
      key = key(cast(counter, ElementType.UINT64), key);
    }
    key = key(word("stream", stream), key);
    String count = draft.node("Squeeze", draft.node("Add", rows, columns), draft.longs(0));
    String zero = draft.constant("0", Tensor.scalar(0L));
    String one = draft.constant("1", Tensor.scalar(1L));
    String places = cast(draft.node("Range", zero, count, one), ElementType.UINT64);
    String numbers = cast(upperOdd(squares(places, key)), ElementType.UINT32);
    String sizes = draft.node("Concat", Map.of("axis", Attribute.of(0L)), rows, columns);
    List<String> sides = draft.nodes("Split", Map.of("axis", Attribute.of(0L)), 2, numbers, sizes);
    return draft.node(
        "Mul",
        draft.node("Unsqueeze", sides.get(0), draft.longs(1)),
        draft.node("Unsqueeze", sides.get(1), draft.longs(0)));
  }
}
