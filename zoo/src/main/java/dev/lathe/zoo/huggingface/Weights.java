package dev.lathe.zoo.huggingface;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.zoo.ZooError;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * The tensors of a checkpoint by name, which remember what was taken, so that what nobody took can
 * be refused. FLOAT tensors are slices of the mapped files; FLOAT16, BFLOAT16 and DOUBLE become
 * FLOAT when they are taken.
 */
final class Weights {
  private Map<String, Stored> tensors;
  private final Set<String> taken = new HashSet<>();

  private final Widen widen;

  private Weights(Map<String, Stored> tensors, Widen widen) {
    this.tensors = tensors;
    this.widen = widen;
  }

  /** The weights in a folder, in one file or in several with an index. */
  static Weights open(Path folder, Widen widen) {
    return new Weights(stored(Shards.open(folder)), widen);
  }

  /** Weights that are in memory already. */
  static Weights of(Map<String, Tensor> tensors) {
    return new Weights(stored(tensors), Widen.inMemory());
  }

  /** Tensors as some format stores them. */
  static Weights of(Map<String, Stored> tensors, Widen widen) {
    return new Weights(new LinkedHashMap<>(tensors), widen);
  }

  private static Map<String, Stored> stored(Map<String, Tensor> tensors) {
    Map<String, Stored> stored = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> stored.put(name, Stored.of(name, tensor)));
    return stored;
  }

  /** Whether there is a tensor; does not count as taking it. */
  boolean has(String name) {
    return tensors.containsKey(name);
  }

  /** The names that nobody took yet. */
  Set<String> left() {
    Set<String> left = new java.util.LinkedHashSet<>(tensors.keySet());
    left.removeAll(taken);
    return Collections.unmodifiableSet(left);
  }

  /** Calls every tensor by another name, as checkpoints of other times called theirs. */
  void rename(UnaryOperator<String> newName) {
    Map<String, Stored> renamed = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          String now = newName.apply(name);
          if (renamed.put(now, tensor) != null) {
            throw bad("tensor \"" + now + "\": there are two (the other is \"" + name + "\")");
          }
        });
    tensors = renamed;
  }

  /** Calls every tensor by a name with this prefix, unless it has it or a tensor beside has it. */
  void under(String prefix, String... beside) {
    List<String> others = List.of(beside);
    rename(
        name ->
            name.startsWith(prefix) || others.stream().anyMatch(name::startsWith)
                ? name
                : prefix + name);
  }

  /**
   * A tensor as FLOAT.
   *
   * @param name its name
   * @param dims the shape that it must have
   * @return the tensor
   */
  Tensor take(String name, long... dims) {
    Stored found = tensors.get(name);
    if (found == null) {
      throw bad("tensor \"" + name + "\": missing (expected: " + Shape.of(dims) + ")");
    }
    if (!java.util.Arrays.equals(found.dims(), dims)) {
      throw bad(
          "tensor \""
              + name
              + "\": shape "
              + Shape.of(found.dims())
              + " (expected: "
              + Shape.of(dims)
              + ")");
    }
    taken.add(name);
    return found.read(widen);
  }

  /** Whether two tensors hold the same numbers. */
  boolean same(String one, String other) {
    Stored a = tensors.get(one);
    Stored b = tensors.get(other);
    return a != null
        && b != null
        && java.util.Arrays.equals(a.dims(), b.dims())
        && a.read(widen).sameContent(b.read(widen));
  }

  /** Counts a tensor as taken without using it. */
  void pass(String name) {
    taken.add(name);
  }

  /** Refuses the first tensor that nobody took and that is not inert. */
  void requireAllTaken(Inert inert) {
    for (String name : left()) {
      if (!inert.tensor(name)) {
        throw new LatheException(
            ZooError.UNSUPPORTED,
            "tensor \""
                + name
                + "\" "
                + tensors.get(name).type()
                + Shape.of(tensors.get(name).dims())
                + " belongs to nothing that the config says (expected: no such tensor)");
      }
    }
  }

  static LatheException bad(String message) {
    return new LatheException(ZooError.BAD_WEIGHTS, message);
  }
}
