package dev.lathe.prepare.template;

import dev.lathe.prepare.template.Value.Function;
import dev.lathe.prepare.template.Value.Namespace;
import dev.lathe.prepare.template.Value.Range;
import java.time.ZonedDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The functions that every template has. */
final class Globals {
  private static final long LONGEST_RANGE = 100_000;

  private Globals() {}

  static Scope scope(Supplier<ZonedDateTime> now) {
    Scope scope = new Scope(null);
    add(scope, "range", Globals::range);
    add(scope, "dict", Globals::dict);
    add(
        scope,
        "namespace",
        args -> {
          Namespace namespace = new Namespace();
          pairs(args).forEach((key, value) -> namespace.values().put(Texts.str(key), value));
          return namespace;
        });
    add(
        scope,
        "raise_exception",
        args -> {
          throw Fault.raised(args.bind("message").text("message", ""));
        });
    add(
        scope,
        "strftime_now",
        args -> Clock.text(now.get(), args.bind("format").needText("format")));
    add(scope, "joiner", Globals::joiner);
    add(scope, "cycler", Globals::cycler);
    return scope;
  }

  private static void add(Scope scope, String name, Value.Called called) {
    scope.set(name, new Function(name, called));
  }

  private static Object range(Args args) {
    List<@Nullable Object> bounds = args.values();
    if (bounds.isEmpty() || bounds.size() > 3 || !args.named().isEmpty()) {
      throw new Fault("range expected 1 to 3 arguments, got " + bounds.size());
    }
    long first = Numbers.whole(bounds.get(0));
    Range range =
        bounds.size() == 1
            ? new Range(0, first, 1)
            : new Range(
                first,
                Numbers.whole(bounds.get(1)),
                bounds.size() == 3 ? Numbers.whole(bounds.get(2)) : 1);
    if (range.step() == 0) {
      throw new Fault("range() arg 3 must not be zero");
    }
    if (range.length() > LONGEST_RANGE) {
      throw new Fault(
          "Range too big. The sandbox blocks ranges larger than MAX_RANGE ("
              + LONGEST_RANGE
              + ").");
    }
    return range;
  }

  private static Object dict(Args args) {
    return pairs(args);
  }

  private static Map<@Nullable Object, @Nullable Object> pairs(Args args) {
    Map<@Nullable Object, @Nullable Object> all = new LinkedHashMap<>();
    for (Object value : args.values()) {
      if (value instanceof Map<?, ?> map) {
        all.putAll(map);
      } else {
        for (Object pair : Items.list(value)) {
          List<@Nullable Object> both = Items.list(pair);
          if (both.size() != 2) {
            throw new Fault("a pair of " + both.size() + " values (expected: 2)");
          }
          all.put(both.get(0), both.get(1));
        }
      }
    }
    all.putAll(args.named());
    return all;
  }

  private static Object joiner(Args args) {
    String between = args.bind("sep").text("sep", ", ");
    boolean[] used = {false};
    return new Function(
        "joiner",
        none -> {
          String text = used[0] ? between : "";
          used[0] = true;
          return text;
        });
  }

  private static Object cycler(Args args) {
    if (args.values().isEmpty()) {
      throw new Fault("at least one item has to be provided");
    }
    int[] at = {0};
    Namespace cycler = new Namespace();
    cycler.values().put("current", args.values().getFirst());
    cycler
        .values()
        .put(
            "next",
            new Function(
                "next",
                none -> {
                  Object now = args.values().get(at[0]);
                  at[0] = (at[0] + 1) % args.values().size();
                  cycler.values().put("current", args.values().get(at[0]));
                  return now;
                }));
    cycler
        .values()
        .put(
            "reset",
            new Function(
                "reset",
                none -> {
                  at[0] = 0;
                  cycler.values().put("current", args.values().getFirst());
                  return null;
                }));
    return cycler;
  }
}
