package dev.lathe.prepare.template;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A value that Java has no class for. */
sealed interface Value {
  /** What a name, attribute or item is that there is not: prints as nothing, refuses most else. */
  record Undefined(String why) implements Value {
    Fault fault() {
      return new Fault(why);
    }
  }

  /** A tuple. */
  record Tuple(List<@Nullable Object> items) implements Value {}

  /** The whole numbers of a range. */
  record Range(long start, long stop, long step) implements Value {
    long length() {
      long span = step > 0 ? stop - start : start - stop;
      return span <= 0 ? 0 : (span - 1) / Math.abs(step) + 1;
    }
  }

  /** The keys, values or items of a dict. */
  record View(String name, List<@Nullable Object> items) implements Value {}

  /** Values that can be gone through once. */
  final class Once implements Value {
    private final Iterator<@Nullable Object> left;

    Once(Iterator<@Nullable Object> left) {
      this.left = left;
    }

    List<@Nullable Object> rest() {
      List<@Nullable Object> rest = new ArrayList<>();
      left.forEachRemaining(rest::add);
      return rest;
    }

    Iterator<@Nullable Object> left() {
      return left;
    }
  }

  /** Names with values that inner blocks may change. */
  record Namespace(Map<String, @Nullable Object> values) implements Value {
    Namespace() {
      this(new LinkedHashMap<>());
    }
  }

  /** Something that can be called. */
  record Function(String name, Called called) implements Value {}

  /** What a function does. */
  @FunctionalInterface
  interface Called {
    @Nullable Object call(Args args);
  }

  /** A macro, which can be asked for its name. */
  record MacroValue(Function function) implements Value {}

  /** The loop that a body is in. */
  final class Loop implements Value {
    final List<@Nullable Object> items;
    final int depth;
    final @Nullable Called recursion;
    private int index;
    private @Nullable Object last = Missing.VALUE;

    Loop(List<@Nullable Object> items, int depth, @Nullable Called recursion) {
      this.items = items;
      this.depth = depth;
      this.recursion = recursion;
    }

    void at(int place) {
      index = place;
    }

    @Nullable Object attribute(String name) {
      int length = items.size();
      return switch (name) {
        case "index" -> index + 1L;
        case "index0" -> (long) index;
        case "revindex" -> (long) length - index;
        case "revindex0" -> length - index - 1L;
        case "first" -> index == 0;
        case "last" -> index == length - 1;
        case "length" -> (long) length;
        case "depth" -> depth + 1L;
        case "depth0" -> (long) depth;
        case "previtem" ->
            index == 0 ? new Undefined("there is no previous item") : items.get(index - 1);
        case "nextitem" ->
            index == length - 1 ? new Undefined("there is no next item") : items.get(index + 1);
        case "cycle" -> new Function("cycle", this::cycle);
        case "changed" -> new Function("changed", this::changed);
        default -> new Undefined("'loop' has no attribute '" + name + "'");
      };
    }

    private @Nullable Object cycle(Args args) {
      if (args.values().isEmpty()) {
        throw new Fault("no items for cycling given");
      }
      return args.values().get(index % args.values().size());
    }

    private Object changed(Args args) {
      Tuple now = new Tuple(args.values());
      boolean changed = last == Missing.VALUE || !Order.equal(last, now);
      last = now;
      return changed;
    }
  }

  /** Stands where nothing was given; never seen by a template. */
  enum Missing {
    VALUE
  }
}
