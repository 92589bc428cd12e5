package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Einsum by one of its operands is an Einsum of the cotangent with all others. Letters that only
 * that operand has were summed on their own, so the cotangent is stretched along them; a letter
 * that it has twice picked a diagonal, so the cotangent is put there by an identity matrix.
 */
final class EinsumGradient {
  private static final String DOTS = "...";

  /** An equation with a letter for every axis: those behind dots are capitals. */
  private record Equation(List<String> operands, String result) {
    static Equation of(Reverse r) {
      String equation = r.node().stringAttribute("equation", "").replace(" ", "");
      String[] sides = equation.split("->", -1);
      String[] terms = sides[0].split(",", -1);
      int[] dotted = new int[terms.length];
      int most = 0;
      for (int i = 0; i < terms.length; i++) {
        boolean dots = terms[i].contains(DOTS);
        dotted[i] = dots ? r.rank(i) - (terms[i].length() - DOTS.length()) : 0;
        most = Math.max(most, dotted[i]);
      }
      String capitals = unused(equation, most);
      List<String> operands = new ArrayList<>();
      for (int i = 0; i < terms.length; i++) {
        operands.add(terms[i].replace(DOTS, capitals.substring(most - dotted[i])));
      }
      String result =
          sides.length > 1 ? sides[1].replace(DOTS, capitals) : implicit(terms, capitals);
      return new Equation(operands, result);
    }

    /** Without an arrow: the dots, then all letters that occur once, in alphabetical order. */
    private static String implicit(String[] terms, String capitals) {
      String all = String.join("", terms).replace(".", "");
      StringBuilder once = new StringBuilder(capitals);
      all.chars()
          .filter(c -> all.indexOf(c) == all.lastIndexOf(c))
          .sorted()
          .forEach(c -> once.append((char) c));
      return once.toString();
    }

    String all() {
      return String.join("", operands) + result;
    }
  }

  private EinsumGradient() {}

  /** Letters that a text does not hold, in order. */
  private static String unused(String text, int count) {
    StringBuilder letters = new StringBuilder();
    for (char c = 'A'; c <= 'z' && letters.length() < count; c++) {
      if (Character.isLetter(c) && text.indexOf(c) < 0) {
        letters.append(c);
      }
    }
    return letters.toString();
  }

  static void rule(Algebra g, Reverse r) {
    Equation equation = Equation.of(r);
    for (int i = 0; i < equation.operands().size(); i++) {
      int operand = i;
      r.give(i, () -> g.reduceTo(by(g, r, equation, operand), r.in(operand)));
    }
  }

  private static String by(Algebra g, Reverse r, Equation equation, int operand) {
    List<String> terms = new ArrayList<>(List.of(equation.result()));
    List<String> values = new ArrayList<>(List.of(r.dy()));
    for (int i = 0; i < equation.operands().size(); i++) {
      if (i != operand) {
        terms.add(equation.operands().get(i));
        values.add(r.in(i));
      }
    }
    String own = equation.operands().get(operand);
    StringBuilder target = new StringBuilder();
    for (int axis = 0; axis < own.length(); axis++) {
      char letter = own.charAt(axis);
      boolean again = target.indexOf(String.valueOf(letter)) >= 0;
      if (again) {
        String fresh = unused(equation.all() + String.join("", terms) + target, 1);
        terms.add(letter + fresh);
        values.add(identity(g, r.size(operand, axis), r.x()));
        target.append(fresh);
      } else {
        target.append(letter);
      }
    }
    return product(g, new Terms(terms, values, target.toString()), r.in(operand));
  }

  private record Terms(List<String> terms, List<String> values, String target) {}

  /** The Einsum of all terms, stretched along the letters that none of them has. */
  private static String product(Algebra g, Terms t, String like) {
    String known = String.join("", t.terms);
    StringBuilder reached = new StringBuilder();
    Set<Long> missing = new TreeSet<>();
    for (int axis = 0; axis < t.target.length(); axis++) {
      if (known.indexOf(t.target.charAt(axis)) >= 0) {
        reached.append(t.target.charAt(axis));
      } else {
        missing.add((long) axis);
      }
    }
    String equation = String.join(",", t.terms) + "->" + reached;
    boolean same = t.terms.size() == 1 && t.terms.getFirst().contentEquals(reached);
    String value =
        same
            ? t.values.getFirst()
            : g.draft()
                .node(
                    "Einsum",
                    Map.of("equation", Attribute.of(equation)),
                    t.values.toArray(new String[0]));
    if (missing.isEmpty()) {
      return value;
    }
    long[] axes = missing.stream().mapToLong(Long::longValue).toArray();
    String wide = g.node("Unsqueeze", value, g.draft().longs(axes));
    Extents extents = new Extents(g);
    for (int axis = 0; axis < t.target.length(); axis++) {
      extents.of(missing.contains((long) axis) ? like : wide, axis);
    }
    return extents.expand(wide);
  }

  private static String identity(Algebra g, long size, String like) {
    int n = Math.toIntExact(size);
    double[] values = new double[n * n];
    for (int i = 0; i < n; i++) {
      values[i * n + i] = 1;
    }
    Tensor tensor = Tensor.ofValues(g.draft().fact(like).element(), values, n, n);
    return g.draft().constant("identity/" + n, tensor);
  }
}
