package dev.lathe.transform.shape;

import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.transform.TransformError;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * One question to a rule: what are the outputs' shapes?
 *
 * @param node the node
 * @param inputs what is known of its inputs; {@link Fact#UNKNOWN} where omitted
 * @param opset the version of its operator set
 */
public record ShapeCall(Node node, List<Fact> inputs, long opset) {
  /**
   * What is known of an input.
   *
   * @param index its place
   * @return the fact, {@link Fact#UNKNOWN} if omitted
   */
  public Fact in(int index) {
    return index < inputs.size() ? inputs.get(index) : Fact.UNKNOWN;
  }

  /**
   * Whether an input is given.
   *
   * @param index its place
   * @return false if omitted
   */
  public boolean has(int index) {
    return !node.input(index).isEmpty();
  }

  /**
   * An input's shape.
   *
   * @param index its place
   * @return the shape
   */
  public Shape shape(int index) {
    return in(index).shape();
  }

  /**
   * An input's element type.
   *
   * @param index its place
   * @return the type
   */
  public ElementType element(int index) {
    return in(index).element();
  }

  /**
   * Integers that newer versions of an operator take as an input, older ones as an attribute.
   *
   * @param attribute the attribute's name
   * @param index the input's place
   * @return the integers; empty if not given at all, or given by an input that is not known
   */
  public Optional<long[]> ints(String attribute, int index) {
    return node.attribute(attribute).isPresent()
        ? Optional.of(node.intsAttribute(attribute))
        : in(index).constants();
  }

  /**
   * An axis, counted from the front.
   *
   * @param axis as given, negative from the end
   * @param rank the number of axes it points into
   * @return 0 to rank - 1
   * @throws LatheException SHAPE_MISMATCH if it is out of range
   */
  public int axis(long axis, int rank) {
    if (axis < -rank || axis >= rank) {
      throw mismatch("axis " + axis, -rank + " to " + (rank - 1));
    }
    return (int) (axis < 0 ? axis + rank : axis);
  }

  /**
   * Sizes of a shape to be changed.
   *
   * @param index the input's place; its shape is ranked
   * @return a new list
   */
  public List<Dim> dims(int index) {
    return new ArrayList<>(shape(index).dims());
  }

  /**
   * A contradiction.
   *
   * @param found what is there
   * @param expected what should be
   * @return the error, naming this node
   */
  public LatheException mismatch(String found, String expected) {
    return new LatheException(
        TransformError.SHAPE_MISMATCH,
        node.describe() + ": " + found + " (expected: " + expected + ")");
  }

  /**
   * Requires the number of axes of an input.
   *
   * @param index the input's place; its shape is ranked
   * @param rank what it should be
   */
  public void requireRank(int index, int rank) {
    if (shape(index).rank() != rank) {
      throw mismatch(describe(index), "rank " + rank);
    }
  }

  /**
   * How messages speak of an input.
   *
   * @param index its place
   * @return {@code input "x" [N, 3]}
   */
  public String describe(int index) {
    return "input \"" + node.input(index) + "\" " + shape(index);
  }

  /**
   * One size that two places must share.
   *
   * @param left a size
   * @param right another
   * @return the better known of the two
   * @throws LatheException SHAPE_MISMATCH if both are known and differ
   */
  public Dim same(Dim left, Dim right) {
    if (left instanceof Dim.Fixed a && right instanceof Dim.Fixed b && a.size() != b.size()) {
      throw mismatch("sizes " + left + " and " + right + " of " + describeAll(), "equal sizes");
    }
    return left.isFixed() || right.equals(Dim.UNKNOWN)
        ? left
        : right.isFixed() ? right : left.equals(Dim.UNKNOWN) ? right : left;
  }

  /**
   * All given inputs, for messages.
   *
   * @return {@code input "a" [2], input "b" [3]}
   */
  public String describeAll() {
    return String.join(
        ", ",
        IntStream.range(0, inputs.size()).filter(this::has).mapToObj(this::describe).toList());
  }
}
