package dev.lathe.prepare.template;

import dev.lathe.prepare.template.Value.Loop;
import dev.lathe.prepare.template.Value.MacroValue;
import dev.lathe.prepare.template.Value.Namespace;
import dev.lathe.prepare.template.Value.Once;
import dev.lathe.prepare.template.Value.Range;
import dev.lathe.prepare.template.Value.Tuple;
import dev.lathe.prepare.template.Value.Undefined;
import dev.lathe.prepare.template.Value.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What values hold: their items, attributes, length. */
final class Items {
  private static final long LONGEST_STEP = 1L << 40;

  private Items() {}

  static boolean truth(@Nullable Object value) {
    return switch (value) {
      case null -> false;
      case Boolean truth -> truth;
      case Long number -> number != 0;
      case Double number -> number != 0;
      case String text -> !text.isEmpty();
      case List<?> list -> !list.isEmpty();
      case Map<?, ?> map -> !map.isEmpty();
      case Tuple tuple -> !tuple.items().isEmpty();
      case View view -> !view.items().isEmpty();
      case Range range -> range.length() > 0;
      case Undefined undefined -> false;
      default -> true;
    };
  }

  static boolean iterable(@Nullable Object value) {
    return value instanceof String
        || value instanceof List<?>
        || value instanceof Map<?, ?>
        || value instanceof Tuple
        || value instanceof View
        || value instanceof Range
        || value instanceof Once
        || value instanceof Loop
        || value instanceof Undefined;
  }

  /** All items, as a loop goes through them. */
  static List<@Nullable Object> list(@Nullable Object value) {
    return switch (value) {
      case List<?> list -> new ArrayList<>(list);
      case Map<?, ?> map -> new ArrayList<>(map.keySet());
      case Tuple tuple -> tuple.items();
      case View view -> view.items();
      case String text -> new ArrayList<>(characters(text));
      case Once once -> once.rest();
      case Undefined undefined -> List.of();
      case Range range -> {
        List<@Nullable Object> numbers = new ArrayList<>();
        for (long i = 0; i < range.length(); i++) {
          numbers.add(range.start() + i * range.step());
        }
        yield numbers;
      }
      case null, default -> throw new Fault("'" + Texts.type(value) + "' object is not iterable");
    };
  }

  private static List<String> characters(String text) {
    return text.codePoints().mapToObj(Character::toString).toList();
  }

  /** How many items there are; empty if the value has no length. */
  static Optional<Long> length(@Nullable Object value) {
    return switch (value) {
      case String text -> Optional.of((long) text.codePointCount(0, text.length()));
      case List<?> list -> Optional.of((long) list.size());
      case Map<?, ?> map -> Optional.of((long) map.size());
      case Tuple tuple -> Optional.of((long) tuple.items().size());
      case View view -> Optional.of((long) view.items().size());
      case Range range -> Optional.of(range.length());
      case Loop loop -> Optional.of((long) loop.items.size());
      case Undefined undefined -> Optional.of(0L);
      case null, default -> Optional.empty();
    };
  }

  /** A value as the key of a dict: equal numbers are one key. */
  static @Nullable Object key(@Nullable Object value) {
    return switch (value) {
      case Boolean truth -> truth ? 1L : 0L;
      case Double number when number == Math.rint(number) && Math.abs(number) < 1e15 ->
          number.longValue();
      case List<?> list -> throw unhashable(value);
      case Map<?, ?> map -> throw unhashable(value);
      case Tuple tuple -> {
        tuple.items().forEach(Items::key);
        yield tuple;
      }
      case null, default -> value;
    };
  }

  private static Fault unhashable(Object value) {
    return new Fault("unhashable type: '" + Texts.type(value) + "'");
  }

  /** {@code of.name}: an attribute first, then an item. */
  static @Nullable Object attribute(@Nullable Object of, String name) {
    Optional<Object> found = attributeOnly(of, name);
    if (found.isPresent()) {
      return found.get();
    }
    return switch (of) {
      case Undefined undefined -> throw undefined.fault();
      case Loop loop -> loop.attribute(name);
      case Namespace namespace when namespace.values().containsKey(name) ->
          namespace.values().get(name);
      case Map<?, ?> map when map.containsKey(name) -> map.get(name);
      case null, default -> missing(of, name);
    };
  }

  private static Undefined missing(@Nullable Object of, String name) {
    String type = of == null ? "None" : "'" + Texts.type(of) + " object'";
    return new Undefined(type + " has no attribute '" + name + "'");
  }

  private static Optional<Object> attributeOnly(@Nullable Object of, String name) {
    if (of instanceof MacroValue macro && name.equals("name")) {
      return Optional.of(macro.function().name());
    }
    return Methods.of(of, name);
  }

  /** {@code of[key]}: an item first, then an attribute. */
  static @Nullable Object item(@Nullable Object of, @Nullable Object key) {
    if (of instanceof Undefined undefined) {
      throw undefined.fault();
    }
    if (of instanceof Map<?, ?> map && !(key instanceof List<?>) && map.containsKey(key(key))) {
      return map.get(key(key));
    }
    if (Numbers.isWhole(key)) {
      List<?> sequence = sequence(of);
      if (sequence != null) {
        long place = Numbers.whole(key);
        long index = place < 0 ? place + sequence.size() : place;
        if (index >= 0 && index < sequence.size()) {
          return sequence.get((int) index);
        }
      }
    } else if (key instanceof String name) {
      return attribute(of, name);
    }
    return new Undefined("'" + Texts.type(of) + " object' has no element " + Texts.repr(key));
  }

  /** What can be asked for by place; null for others. */
  private static @Nullable List<?> sequence(@Nullable Object of) {
    return switch (of) {
      case String text -> characters(text);
      case List<?> list -> list;
      case Tuple tuple -> tuple.items();
      case Range range -> list(range);
      case null, default -> null;
    };
  }

  /** {@code of[start:stop:step]}. */
  static @Nullable Object slice(@Nullable Object of, @Nullable Object[] bounds) {
    if (of instanceof Undefined undefined) {
      throw undefined.fault();
    }
    List<?> all = sequence(of);
    if (all == null) {
      return new Undefined("'" + Texts.type(of) + " object' has no slices");
    }
    long step =
        bounds[2] == null ? 1 : Math.clamp(Numbers.whole(bounds[2]), -LONGEST_STEP, LONGEST_STEP);
    long[] ends = ends(all.size(), bounds, step);
    if (of instanceof Range range) {
      return new Range(
          range.start() + ends[0] * range.step(),
          range.start() + ends[1] * range.step(),
          range.step() * step);
    }
    List<@Nullable Object> part = new ArrayList<>();
    for (long i = ends[0]; step > 0 ? i < ends[1] : i > ends[1]; i += step) {
      part.add(all.get((int) i));
    }
    return switch (of) {
      case String text -> {
        StringBuilder joined = new StringBuilder();
        part.forEach(joined::append);
        yield joined.toString();
      }
      case Tuple tuple -> new Tuple(part);
      case null, default -> part;
    };
  }

  /** The first place of a slice, and the one after its last. */
  private static long[] ends(long length, @Nullable Object[] bounds, long step) {
    if (step == 0) {
      throw new Fault("slice step cannot be zero");
    }
    long least = step > 0 ? 0 : -1;
    long most = step > 0 ? length : length - 1;
    long[] limits = {length, least, most};
    return new long[] {
      bound(bounds[0], step > 0 ? least : most, limits),
      bound(bounds[1], step > 0 ? most : least, limits)
    };
  }

  private static long bound(@Nullable Object value, long otherwise, long[] limits) {
    if (value == null) {
      return otherwise;
    }
    long place = Numbers.whole(value);
    return Math.clamp(place < 0 ? place + limits[0] : place, limits[1], limits[2]);
  }
}
