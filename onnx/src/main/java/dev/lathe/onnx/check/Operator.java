package dev.lathe.onnx.check;

import dev.lathe.onnx.codec.AttributeKind;
import java.util.Map;
import java.util.Set;

/**
 * What the standard says of one version of an operator.
 *
 * @param since the first version of its operator set that has it so
 * @param inputs its formal inputs
 * @param outputs its formal outputs
 * @param deprecated whether it must no longer be used
 * @param attributes its attributes with their kinds
 * @param required attributes that have no default
 */
record Operator(
    long since,
    Formals inputs,
    Formals outputs,
    boolean deprecated,
    Map<String, AttributeKind> attributes,
    Set<String> required) {

  /**
   * Formal inputs or outputs.
   *
   * @param fewest how many there must be
   * @param kinds one letter for each: s single, o optional, v variadic (the last only)
   */
  record Formals(int fewest, String kinds) {
    int most() {
      return kinds.endsWith("v") ? Integer.MAX_VALUE : kinds.length();
    }

    boolean isSingle(int index) {
      return index < kinds.length() && kinds.charAt(index) == 's';
    }

    boolean accepts(int count) {
      return count >= fewest && count <= most();
    }

    @Override
    public String toString() {
      int most = most();
      return most == fewest
          ? Integer.toString(fewest)
          : most == Integer.MAX_VALUE ? fewest + " or more" : fewest + " to " + most;
    }
  }
}
