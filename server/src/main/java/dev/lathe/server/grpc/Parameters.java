package dev.lathe.server.grpc;

import dev.lathe.ir.LatheException;
import dev.lathe.serve.SequenceStep;
import dev.lathe.server.ServerError;
import dev.lathe.server.grpc.wire.WireReader;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The parameters of a request or of one of its tensors. */
final class Parameters {
  private static final int MOST = 1024;

  private final Map<String, Value> values = new HashMap<>();

  /** What a parameter may be. */
  private sealed interface Value {
    record Flag(boolean value) implements Value {}

    record Whole(long value) implements Value {}

    record Unsigned(long value) implements Value {}

    record Text(String value) implements Value {}

    record Real(double value) implements Value {}

    /** A value that is not set. */
    record None() implements Value {}
  }

  /** Adds an entry of a map of parameters; of two with one name the last counts. */
  void add(WireReader entry) {
    String name = "";
    Value value = new Value.None();
    while (entry.next()) {
      switch (entry.field()) {
        case 1 -> name = entry.text();
        case 2 -> value = value(entry.message());
        default -> {}
      }
    }
    values.put(name, value);
    if (values.size() > MOST) {
      throw bad("more than " + MOST + " parameters");
    }
  }

  private static Value value(WireReader choice) {
    Value value = new Value.None();
    while (choice.next()) {
      value =
          switch (choice.field()) {
            case 1 -> new Value.Flag(choice.flag());
            case 2 -> new Value.Whole(choice.number());
            case 3 -> new Value.Text(choice.text());
            case 4 -> new Value.Real(Double.longBitsToDouble(choice.fixed64()));
            case 5 -> new Value.Unsigned(choice.number());
            default -> value;
          };
    }
    return value;
  }

  /** Whether a parameter was given. */
  boolean has(String name) {
    return values.containsKey(name);
  }

  /** A parameter that is true or false; false if it was not given. */
  boolean flag(String name) {
    return switch (values.get(name)) {
      case null -> false;
      case Value.Flag(boolean value) -> value;
      case Value.Whole _, Value.Unsigned _, Value.Text _, Value.Real _, Value.None _ ->
          throw wrong(name, "true or false");
    };
  }

  /** A parameter that is a number from 0; 0 if it was not given. */
  long number(String name) {
    long value =
        switch (values.get(name)) {
          case null -> 0;
          case Value.Whole(long whole) -> whole;
          case Value.Unsigned(long whole) -> whole;
          case Value.Flag _, Value.Text _, Value.Real _, Value.None _ ->
              throw wrong(name, "a whole number");
        };
    if (value < 0) {
      throw wrong(name, "a whole number from 0");
    }
    return value;
  }

  /** A parameter that is a text; empty if it was not given, or is none. */
  Optional<String> text(String name) {
    return values.get(name) instanceof Value.Text(String value)
        ? Optional.of(value)
        : Optional.empty();
  }

  /** What names a sequence: a number, read as unsigned, or a text. */
  SequenceStep.Id sequence(String name) {
    return switch (values.get(name)) {
      case null -> SequenceStep.NONE.id();
      case Value.Whole(long value) -> new SequenceStep.Id.Numbered(value);
      case Value.Unsigned(long value) -> new SequenceStep.Id.Numbered(value);
      case Value.Text(String value) -> new SequenceStep.Id.Named(value);
      case Value.Flag _, Value.Real _, Value.None _ -> throw wrong(name, "a number or a text");
    };
  }

  private LatheException wrong(String name, String expected) {
    String found =
        switch (values.get(name)) {
          case null -> "nothing";
          case Value.Flag(boolean value) -> Boolean.toString(value);
          case Value.Whole(long value) -> Long.toString(value);
          case Value.Unsigned(long value) -> Long.toUnsignedString(value);
          case Value.Text(String value) ->
              "\"" + (value.length() > 60 ? value.substring(0, 60) + "…" : value) + "\"";
          case Value.Real(double value) -> Double.toString(value);
          case Value.None _ -> "nothing";
        };
    return bad("parameter \"" + name + "\": " + found + " (expected: " + expected + ")");
  }

  private static LatheException bad(String message) {
    return new LatheException(ServerError.BAD_REQUEST, message);
  }
}
