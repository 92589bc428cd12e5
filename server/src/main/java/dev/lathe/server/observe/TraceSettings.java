package dev.lathe.server.observe;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Nearest;
import dev.lathe.server.ServerError;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which requests are traced, for all models and for single ones: the settings of Triton's trace
 * extension, which doors show and change. A model has the global values where it has none of its
 * own.
 *
 * @see <a
 *     href="https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_trace.md">trace
 *     extension</a>
 */
public final class TraceSettings {
  private static final String FILE = "trace_file";
  private static final String LEVEL = "trace_level";
  private static final String RATE = "trace_rate";
  private static final String COUNT = "trace_count";
  private static final String FREQUENCY = "log_frequency";
  private static final List<String> NAMES = List.of(FILE, LEVEL, RATE, COUNT, FREQUENCY);
  private static final Plan STANDARD = new Plan(Level.OFF, 1000, -1, 0);

  private final String file;
  private final Predicate<String> exists;
  private final Map<String, Changes> own = new ConcurrentHashMap<>();
  private final Map<String, Sampler> samplers = new ConcurrentHashMap<>();
  private volatile Changes global = Changes.NONE;
  private volatile boolean any;

  /** How much of a request is traced. */
  public enum Level {
    /** Nothing. */
    OFF,
    /** When what happened. */
    TIMESTAMPS,
    /** When what happened, and the values that went in and out. */
    TENSORS
  }

  private record Plan(Level level, long rate, long count, long frequency) {}

  /** What was set; what is null was not. */
  private record Changes(
      @Nullable Level level, @Nullable Long rate, @Nullable Long count, @Nullable Long frequency) {
    static final Changes NONE = new Changes(null, null, null, null);

    Plan over(Plan base) {
      return new Plan(
          level == null ? base.level : level,
          rate == null ? base.rate : rate,
          count == null ? base.count : count,
          frequency == null ? base.frequency : frequency);
    }
  }

  /**
   * Nothing is traced.
   *
   * @param file where traces go; it cannot be changed from outside
   * @param exists whether there is a model of a name; only those have settings of their own
   */
  public TraceSettings(String file, Predicate<String> exists) {
    this.file = file;
    this.exists = exists;
  }

  /**
   * The settings in force.
   *
   * @param model a model's name; empty for the global settings
   * @return values by setting, in the extension's form; {@code trace_count} is what is left
   * @throws LatheException NOT_FOUND if there is no such model
   */
  public Map<String, List<String>> values(String model) {
    requireModel(model);
    Plan plan = plan(model);
    Map<String, List<String>> values = new LinkedHashMap<>();
    values.put(FILE, List.of(file));
    values.put(LEVEL, List.of(plan.level.name()));
    values.put(RATE, List.of(Long.toString(plan.rate)));
    values.put(COUNT, List.of(Long.toString(left(model, plan))));
    values.put(FREQUENCY, List.of(Long.toString(plan.frequency)));
    return values;
  }

  /**
   * Changes some settings; all of them, or none if one is wrong.
   *
   * @param model a model's name; empty for the global settings
   * @param changes new values by setting; no value resets it to the global or standard value
   * @return the settings then in force
   * @throws LatheException BAD_REQUEST for an unknown setting or a value out of range, NOT_FOUND if
   *     there is no such model
   */
  public synchronized Map<String, List<String>> change(
      String model, Map<String, List<String>> changes) {
    requireModel(model);
    Changes now = model.isEmpty() ? global : own.getOrDefault(model, Changes.NONE);
    for (Map.Entry<String, List<String>> change : changes.entrySet()) {
      now = changed(now, change.getKey(), change.getValue());
    }
    if (model.isEmpty()) {
      global = now;
    } else if (now.equals(Changes.NONE)) {
      own.remove(model);
    } else {
      own.put(model, now);
    }
    samplers.clear();
    any =
        plan("").level != Level.OFF
            || own.values().stream().anyMatch(one -> one.over(plan("")).level != Level.OFF);
    return values(model);
  }

  /**
   * Whether the next request of a model is to be traced; counts it.
   *
   * @param model the model's name
   * @return how much of it; OFF for nothing
   */
  public Level next(String model) {
    return any ? sampler(model).next() : Level.OFF;
  }

  /**
   * Whether any model is traced at all.
   *
   * @return false if {@link #next} says OFF for all
   */
  public boolean isOn() {
    return any;
  }

  /**
   * How many traces of a model go into one file.
   *
   * @param model the model's name
   * @return a number of traces; 0 for no limit
   */
  public long frequency(String model) {
    return plan(model).frequency;
  }

  private Sampler sampler(String model) {
    String key = own.containsKey(model) ? model : "";
    return samplers.computeIfAbsent(key, absent -> new Sampler(plan(absent)));
  }

  private long left(String model, Plan plan) {
    Sampler sampler = samplers.get(own.containsKey(model) ? model : "");
    return sampler == null ? plan.count : sampler.left.get();
  }

  private Plan plan(String model) {
    Plan shared = global.over(STANDARD);
    Changes special = own.get(model);
    return special == null ? shared : special.over(shared);
  }

  private void requireModel(String model) {
    if (!model.isEmpty() && !exists.test(model)) {
      throw new LatheException(ServerError.NOT_FOUND, "model \"" + model + "\": no such model");
    }
  }

  private Changes changed(Changes now, String name, List<String> values) {
    return switch (name) {
      case LEVEL -> new Changes(level(values), now.rate, now.count, now.frequency);
      case RATE -> new Changes(now.level, number(name, values, 1), now.count, now.frequency);
      case COUNT -> new Changes(now.level, now.rate, number(name, values, -1), now.frequency);
      case FREQUENCY -> new Changes(now.level, now.rate, now.count, number(name, values, 0));
      case FILE -> {
        if (!values.isEmpty() && !values.equals(List.of(file))) {
          throw bad("trace_file: the place of the traces is fixed (expected: no trace_file)");
        }
        yield now;
      }
      default ->
          throw bad(
              "unknown trace setting \""
                  + name
                  + "\" ("
                  + Nearest.hint(name, NAMES)
                  + "known: "
                  + String.join(", ", NAMES)
                  + ")");
    };
  }

  private static @Nullable Level level(List<String> values) {
    Level most = null;
    for (String value : values) {
      Level level =
          switch (value) {
            case "OFF" -> Level.OFF;
            case "TIMESTAMPS" -> Level.TIMESTAMPS;
            case "TENSORS" -> Level.TENSORS;
            default ->
                throw bad("trace_level \"" + value + "\" (expected: OFF, TIMESTAMPS or TENSORS)");
          };
      most = most == null || level.compareTo(most) > 0 ? level : most;
    }
    return most;
  }

  private static @Nullable Long number(String name, List<String> values, long least) {
    if (values.isEmpty()) {
      return null;
    }
    String text = values.getFirst();
    if (values.size() == 1 && text.matches("-?[0-9]{1,9}") && Long.parseLong(text) >= least) {
      return Long.valueOf(text);
    }
    throw bad(
        name + " " + values + " (expected: one whole number from " + least + " to 999999999)");
  }

  private static LatheException bad(String message) {
    return new LatheException(ServerError.BAD_REQUEST, message);
  }

  /** Takes one request in {@code rate}, until {@code left} are taken. */
  private static final class Sampler {
    private final Plan plan;
    private final AtomicLong seen = new AtomicLong();
    private final AtomicLong left;

    Sampler(Plan plan) {
      this.plan = plan;
      this.left = new AtomicLong(plan.count);
    }

    Level next() {
      if (plan.level == Level.OFF || seen.getAndIncrement() % plan.rate != 0) {
        return Level.OFF;
      }
      long before = left.getAndUpdate(count -> count > 0 ? count - 1 : count);
      return before == 0 ? Level.OFF : plan.level;
    }
  }
}
