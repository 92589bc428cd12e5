package dev.lathe.transform.gradient;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.transform.TransformError;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.Supplier;

/** One node on the way back: what a rule reads and gives. */
final class Reverse {
  private final Draft draft;
  private final Node node;
  private final List<String> cotangents;
  private final IntPredicate wanted;
  private final Map<Integer, String> given = new LinkedHashMap<>();

  /**
   * @param cotangents one per output, empty where the loss does not depend on it
   * @param wanted whether an input's cotangent is asked for
   */
  Reverse(Draft draft, Node node, List<String> cotangents, IntPredicate wanted) {
    this.draft = draft;
    this.node = node;
    this.cotangents = cotangents;
    this.wanted = wanted;
  }

  Node node() {
    return node;
  }

  String in(int index) {
    return node.input(index);
  }

  String x() {
    return node.input(0);
  }

  String y() {
    return node.output(0);
  }

  String out(int index) {
    return node.output(index);
  }

  /** The cotangent of the first output. */
  String dy() {
    return cotangents.getFirst();
  }

  /** The cotangent of an output, or empty. */
  String dy(int output) {
    return output < cotangents.size() ? cotangents.get(output) : "";
  }

  Shape shape(int input) {
    return draft.shape(node.input(input));
  }

  boolean wants(int input) {
    return wanted.test(input);
  }

  /** Gives an input its cotangent, of the input's own shape; not computed unless wanted. */
  void give(int input, Supplier<String> cotangent) {
    if (wants(input)) {
      given.put(input, cotangent.get());
    }
  }

  /** Says that an input's cotangent is zero everywhere. */
  void stop(int input) {
    given.put(input, "");
  }

  Map<Integer, String> given() {
    return given;
  }

  /** The rank of an input, which a rule cannot do without. */
  int rank(int input) {
    if (!shape(input).ranked()) {
      throw refuse("the rank of input \"" + in(input) + "\" is not known");
    }
    return shape(input).rank();
  }

  /** The size of an input along an axis, which a rule cannot do without. */
  long size(int input, int axis) {
    long size = rank(input) == 0 ? -1 : shape(input).dim(axis).sizeOrMinusOne();
    if (size < 0) {
      throw refuse(
          "size "
              + shape(input).dim(axis)
              + " of input \""
              + in(input)
              + "\" "
              + shape(input)
              + " at axis "
              + axis
              + " (expected: a fixed size)");
    }
    return size;
  }

  /** Integers that must be constant, from an attribute or an input. */
  long[] constants(String attribute, int input) {
    if (node.attribute(attribute).isPresent()) {
      return node.intsAttribute(attribute);
    }
    return draft
        .fact(node.input(input))
        .constants()
        .orElseThrow(() -> refuse("input " + attribute + " (expected: a constant)"));
  }

  LatheException refuse(String why) {
    return new LatheException(
        TransformError.NO_GRADIENT, node.describe() + ": no gradient: " + why);
  }
}
