package dev.lathe.generate.constrain;

import dev.lathe.generate.GenerateError;
import dev.lathe.ir.LatheException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A schema within a schema.
 *
 * @param json what it says
 * @param at its JSON pointer; two of one pointer are the same
 */
record SchemaNode(JsonNode json, String at) {
  private static final int LARGEST = 1_000_000_000;
  private static final int WIDEST = 400;

  SchemaNode child(String key, JsonNode of) {
    return new SchemaNode(of, at + "/" + key.replace("~", "~0").replace("/", "~1"));
  }

  /** What a keyword says, if it is there. */
  @Nullable JsonNode get(String keyword) {
    return json.isObject() ? json.get(keyword) : null;
  }

  boolean has(String keyword) {
    return get(keyword) != null;
  }

  /** The schema that a keyword holds, if it is there. */
  Optional<SchemaNode> schema(String keyword) {
    return Optional.ofNullable(get(keyword)).map(of -> child(keyword, of));
  }

  LatheException wrong(String keyword, String found, String expected) {
    return new LatheException(
        GenerateError.BAD_CONSTRAINT,
        "schema, "
            + (keyword.isEmpty() ? (at.isEmpty() ? "/" : at) : child(keyword, json).at)
            + ": "
            + found
            + " (expected: "
            + expected
            + ")");
  }

  /** A count such as {@code minLength}, or another number if it is not there. */
  int count(String keyword, int otherwise) {
    JsonNode of = get(keyword);
    if (of == null) {
      return otherwise;
    }
    Optional<BigInteger> whole = of.isNumber() ? whole(number(keyword, of)) : Optional.empty();
    if (whole.isEmpty() || whole.get().signum() < 0) {
      throw wrong(keyword, shown(of), "a whole number from 0");
    }
    return whole.get().compareTo(BigInteger.valueOf(LARGEST)) > 0
        ? Form.ENDLESS
        : whole.get().intValueExact();
  }

  /** A number such as {@code minimum}, if it is there. */
  Optional<BigDecimal> number(String keyword) {
    JsonNode of = get(keyword);
    if (of == null) {
      return Optional.empty();
    }
    if (!of.isNumber()) {
      throw wrong(keyword, shown(of), "a number");
    }
    return Optional.of(number(keyword, of));
  }

  private BigDecimal number(String keyword, JsonNode of) {
    BigDecimal number = of.decimalValue();
    if (number.signum() != 0
        && (Math.abs((long) number.scale()) > WIDEST || number.precision() > WIDEST)) {
      throw wrong(keyword, shown(of), "a number of fewer digits");
    }
    return number;
  }

  /** A number without fraction, if this is one. */
  static Optional<BigInteger> whole(BigDecimal number) {
    return number.stripTrailingZeros().scale() <= 0
        ? Optional.of(number.toBigIntegerExact())
        : Optional.empty();
  }

  /** Whether a keyword is there and true. */
  boolean flag(String keyword) {
    JsonNode of = get(keyword);
    if (of != null && !of.isBoolean()) {
      throw wrong(keyword, shown(of), "true or false");
    }
    return of != null && of.booleanValue();
  }

  static String shown(JsonNode json) {
    String text = json.toString();
    return text.length() > 60 ? text.substring(0, 60) + "…" : text;
  }
}
