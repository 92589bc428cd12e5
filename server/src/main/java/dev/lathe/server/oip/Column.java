package dev.lathe.server.oip;

import static dev.lathe.server.oip.BodyReader.bad;
import static dev.lathe.server.oip.BodyReader.require;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.registry.Datatype;
import dev.lathe.server.ServerError;
import java.util.Base64;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** One input of a model, filled by values whose nesting says what its shape is. */
final class Column {
  /** The key of an object that is a byte string in Base64. */
  static final String BASE64 = "b64";

  private static final int USUAL = 256;

  private final String name;
  private final Datatype type;
  private final JsonParser json;
  private final InputElements elements;
  private final Nesting levels;
  private boolean given;

  Column(ValueInfo input, JsonParser json, RequestMemory memory) {
    this.name = input.name();
    this.type = datatype(input);
    this.json = json;
    this.elements = new InputElements(name, type, USUAL, memory);
    this.levels = new Nesting(name);
  }

  private static Datatype datatype(ValueInfo input) {
    ElementType element = input.tensorType().element();
    for (Datatype type : Datatype.values()) {
      if (type.element() == element) {
        return type;
      }
    }
    throw new LatheException(
        ServerError.NOT_OFFERED,
        "input \"" + input.name() + "\": " + element + " has no form in JSON");
  }

  boolean isGiven() {
    return given;
  }

  /** Begins the axis of rows. */
  void open() {
    levels.open();
    given = true;
  }

  /** Ends the axis of rows. */
  void close() {
    levels.close();
  }

  /** Adds the whole tensor, an array that the parser stands at. */
  void whole(JsonToken token) {
    require(token, JsonToken.START_ARRAY, "input \"" + name + "\"", "an array");
    given = true;
    value(token);
  }

  /** Adds the value that the parser stands at: an array, a number, a text, a byte string. */
  void value(JsonToken token) {
    int open = 0;
    do {
      switch (token) {
        case START_ARRAY -> {
          levels.open();
          open++;
        }
        case END_ARRAY -> {
          levels.close();
          open--;
        }
        case START_OBJECT -> {
          if (!BASE64.equals(json.nextName())) {
            throw bad("input \"" + name + "\": an object (expected: a value, or {\"b64\": ...})");
          }
          base64(json.nextToken());
          require(
              json.nextToken(), JsonToken.END_OBJECT, "input \"" + name + "\"", "\"b64\" alone");
        }
        case null -> throw bad("input \"" + name + "\": the body ends too early");
        default -> {
          elements.add(json, token);
          levels.values(1);
        }
      }
    } while (open > 0 && (token = json.nextToken()) != null);
  }

  /** Adds the bytes of a Base64 text that the parser stands at. */
  void base64(JsonToken token) {
    require(token, JsonToken.VALUE_STRING, "input \"" + name + "\": \"b64\"", "a string");
    if (type != Datatype.BYTES) {
      throw bad("input \"" + name + "\": \"b64\" (expected: numbers, for datatype " + type + ")");
    }
    try {
      elements.add(Base64.getDecoder().decode(json.getString()));
    } catch (IllegalArgumentException e) {
      throw new LatheException(
          ServerError.BAD_REQUEST,
          "input \"" + name + "\": \"b64\": " + e.getMessage() + " (expected: Base64)",
          e);
    }
    levels.values(1);
  }

  Tensor tensor() {
    long[] shape = levels.shape();
    levels.require(shape, elements.count());
    return elements.tensor(shape);
  }
}
