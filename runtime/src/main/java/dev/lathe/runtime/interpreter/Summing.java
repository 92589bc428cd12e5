package dev.lathe.runtime.interpreter;

import static dev.lathe.runtime.interpreter.Kernel.one;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Einsum: products of elements that a letter for each axis brings together, summed. */
final class Summing {
  static final Map<String, Kernel> TABLE = Map.of("Einsum", one(Summing::einsum));

  private static final String DOTS = "...";

  private Summing() {}

  /** The axes of one operand or of the result, a letter each; those behind dots are digits. */
  private static String letters(String term, int dotted) {
    StringBuilder axes = new StringBuilder();
    for (int i = 0; i < dotted; i++) {
      axes.append((char) ('0' + i));
    }
    return term.replace(DOTS, axes);
  }

  private static Array einsum(Call call) {
    String[] sides = call.node().stringAttribute("equation", "").replace(" ", "").split("->", -1);
    String[] terms = sides[0].split(",", -1);
    Array[] inputs = call.all();
    if (terms.length != inputs.length) {
      throw call.bad(inputs.length + " inputs (expected: " + terms.length + ")");
    }
    int most = 0;
    int[] dotted = new int[terms.length];
    for (int i = 0; i < terms.length; i++) {
      boolean dots = terms[i].contains(DOTS);
      dotted[i] = dots ? inputs[i].rank() - (terms[i].length() - DOTS.length()) : 0;
      most = Math.max(most, dotted[i]);
    }
    List<String> operands = new ArrayList<>();
    Map<Character, Integer> sizes = new TreeMap<>();
    for (int i = 0; i < terms.length; i++) {
      // Fewer axes behind the dots stand for the last of those that most operands have.
      String all = letters(DOTS, most).substring(most - dotted[i]);
      operands.add(terms[i].replace(DOTS, all));
      measure(call, operands.get(i), inputs[i].dims(), sizes);
    }
    String result =
        sides.length > 1 ? letters(sides[1], most) : implicit(terms, letters(DOTS, most));
    return sum(call, operands, result, sizes);
  }

  private static void measure(
      Call call, String operand, int[] dims, Map<Character, Integer> sizes) {
    if (operand.length() != dims.length) {
      throw call.bad("shape " + Arrays.toString(dims) + " for \"" + operand + "\"");
    }
    for (int axis = 0; axis < dims.length; axis++) {
      int size = dims[axis];
      Integer known = sizes.put(operand.charAt(axis), size);
      if (known != null && known != size) {
        if (known != 1 && size != 1) {
          throw call.bad("sizes " + known + " and " + size + " for " + operand.charAt(axis));
        }
        sizes.put(operand.charAt(axis), known == 1 ? size : known);
      }
    }
  }

  /** Without an arrow: the dots, then all letters that occur once, in alphabetical order. */
  private static String implicit(String[] terms, String dots) {
    String all = String.join("", terms).replace(".", "");
    StringBuilder once = new StringBuilder(String.join(",", terms).contains(DOTS) ? dots : "");
    all.chars()
        .filter(c -> all.indexOf(c) == all.lastIndexOf(c))
        .sorted()
        .forEach(c -> once.append((char) c));
    return once.toString();
  }

  private static Array sum(
      Call call, List<String> operands, String result, Map<Character, Integer> sizes) {
    Array.Reals first = call.reals(0);
    StringBuilder order = new StringBuilder(result);
    sizes.keySet().stream().filter(c -> result.indexOf(c) < 0).forEach(order::append);
    int[] all = order.chars().map(c -> sizes.get((char) c)).toArray();
    int[][] places = new int[operands.size()][];
    for (int i = 0; i < places.length; i++) {
      int[] dims = call.in(i).dims();
      int[] strides = Sizes.strides(dims);
      int[] steps = new int[all.length];
      for (int axis = 0; axis < dims.length; axis++) {
        int at = order.indexOf(String.valueOf(operands.get(i).charAt(axis)));
        steps[at] += dims[axis] == 1 ? 0 : strides[axis];
      }
      places[i] = Sizes.places(Sizes.require(all), steps, 0);
    }
    int[] dims = Arrays.copyOf(all, result.length());
    double[] values = new double[Sizes.count(dims)];
    int run = Sizes.count(all, result.length(), all.length);
    for (int i = 0; i < places[0].length; i++) {
      double product = 1;
      for (int k = 0; k < places.length; k++) {
        product *= call.in(k).real(places[k][i]);
      }
      values[i / run] += product;
    }
    return new Array.Reals(first.type(), dims, values);
  }
}
