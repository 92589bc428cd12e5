package dev.lathe.runtime;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Which buffers of a binding may be one. */
final class Sharing {
  private Sharing() {}

  /**
   * Refuses memory that one run would write and also read, or write twice, unless it is said to be
   * so.
   *
   * @param inputs what is read
   * @param outputs what is written
   * @param inPlace outputs that lie in the memory of an input, with that input's name
   * @throws LatheException BAD_BINDING naming both
   */
  static void require(
      Map<String, Tensor> inputs, Map<String, Tensor> outputs, Map<String, String> inPlace) {
    if (outputs.isEmpty()) {
      throw new LatheException(
          RuntimeError.BAD_BINDING, "no output is bound (expected: one or more)");
    }
    inPlace.forEach((output, input) -> requireOne(inputs, outputs, new Pair(input, output)));
    Map<Long, String> written = new LinkedHashMap<>();
    outputs.forEach(
        (name, tensor) -> {
          String other = written.putIfAbsent(tensor.data().address(), name);
          if (other != null && tensor.byteSize() > 0) {
            throw shared("output \"" + other + "\" and output \"" + name + "\"");
          }
        });
    inputs.forEach(
        (name, tensor) -> {
          String other = written.get(tensor.data().address());
          if (other != null && tensor.byteSize() > 0 && !name.equals(inPlace.get(other))) {
            throw shared("input \"" + name + "\" and output \"" + other + "\"");
          }
        });
  }

  private record Pair(String input, String output) {}

  private static void requireOne(
      Map<String, Tensor> inputs, Map<String, Tensor> outputs, Pair pair) {
    Tensor read = inputs.get(pair.input());
    Tensor written = outputs.get(pair.output());
    boolean one =
        read != null
            && written != null
            && read.data().address() == written.data().address()
            && read.type() == written.type()
            && Arrays.equals(read.dims(), written.dims());
    if (!one) {
      throw new LatheException(
          RuntimeError.BAD_BINDING,
          "output \"%s\" in place of input \"%s\": %s and %s (expected: one buffer)"
              .formatted(pair.output(), pair.input(), written, read));
    }
  }

  private static LatheException shared(String both) {
    return new LatheException(
        RuntimeError.BAD_BINDING, both + " share one buffer (expected: a buffer each)");
  }
}
