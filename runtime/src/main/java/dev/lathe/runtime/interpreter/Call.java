package dev.lathe.runtime.interpreter;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Node;
import dev.lathe.runtime.RuntimeError;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One node at work.
 *
 * @param node the node
 * @param inputs its inputs in order; an omitted one is empty
 * @param opset the version of {@code ai.onnx}
 * @param scope values around the node, which its bodies may read
 */
public record Call(Node node, List<Optional<Array>> inputs, long opset, Map<String, Array> scope) {
  /** Copies the list; the scope is only read. */
  public Call {
    inputs = List.copyOf(inputs);
  }

  boolean has(int index) {
    return index < inputs.size() && inputs.get(index).isPresent();
  }

  Array in(int index) {
    if (!has(index)) {
      throw bad("input " + index + " is missing");
    }
    return inputs.get(index).orElseThrow();
  }

  Array.Reals reals(int index) {
    if (in(index) instanceof Array.Reals reals) {
      return reals;
    }
    throw bad("input " + index + ": " + in(index).type() + " (expected: a floating type)");
  }

  /** The elements of an integer input, such as axes or a shape. */
  long[] longs(int index) {
    if (in(index) instanceof Array.Integers integers) {
      return integers.values();
    }
    throw bad("input " + index + ": " + in(index).type() + " (expected: an integer type)");
  }

  /** All inputs; none may be omitted. */
  Array[] all() {
    Array[] all = new Array[inputs.size()];
    Arrays.setAll(all, this::in);
    return all;
  }

  long number(String name, long otherwise) {
    return node.intAttribute(name, otherwise);
  }

  double real(String name, float otherwise) {
    return node.floatAttribute(name, otherwise);
  }

  boolean flag(String name) {
    return node.intAttribute(name, 0) != 0;
  }

  int[] sizes(String name, int... otherwise) {
    return node.attribute(name).isPresent() ? ints(node.intsAttribute(name)) : otherwise;
  }

  /** An element type given by its code in an attribute. */
  ElementType type(String name, ElementType otherwise) {
    return ElementType.ofCode(node.intAttribute(name, otherwise.code()));
  }

  /** Integers that newer operator sets take as an input and older ones as an attribute. */
  Optional<long[]> inputOrAttribute(int index, String name) {
    if (has(index)) {
      return Optional.of(longs(index));
    }
    return node.attribute(name).map(any -> node.intsAttribute(name));
  }

  /** An attribute axis, brought into 0 to rank - 1. */
  int axis(String name, long otherwise, int rank) {
    return axis(number(name, otherwise), rank);
  }

  int axis(long axis, int rank) {
    if (axis < -rank || axis >= rank) {
      throw bad("axis " + axis + " (expected: " + -rank + " to " + (rank - 1) + ")");
    }
    return (int) (axis < 0 ? axis + rank : axis);
  }

  int[] axes(long[] axes, int rank) {
    int[] all = Arrays.stream(axes).mapToInt(axis -> axis(axis, rank)).sorted().toArray();
    if (Arrays.stream(all).distinct().count() < all.length) {
      throw bad("axes " + Arrays.toString(axes) + " (expected: each once)");
    }
    return all;
  }

  int[] ints(long[] values) {
    return Arrays.stream(values).mapToInt(this::size).toArray();
  }

  int size(long value) {
    if (value != (int) value) {
      throw bad("size " + value + " (expected: below 2^31)");
    }
    return (int) value;
  }

  LatheException bad(String what) {
    return new LatheException(RuntimeError.RUN_REFUSED, node.describe() + ": " + what);
  }

  LatheException unsupported(String what) {
    return new LatheException(RuntimeError.UNSUPPORTED, node.describe() + ": " + what);
  }
}
