package dev.lathe.generate;

import dev.lathe.ir.LatheException;
import java.util.List;

/** What an answer may say. Data alone: {@link Constraints} makes masks of it. */
public sealed interface Constraint {
  /** As often as wanted. */
  int ENDLESS = Integer.MAX_VALUE;

  /** Space between the values of JSON. */
  enum Space {
    /** None, one space, or a line's end with some indentation. */
    SOME,
    /** None or one space. */
    ONE,
    /** None at all. */
    NONE
  }

  /**
   * JSON that is valid by a schema.
   *
   * @param schema a JSON Schema as JSON
   * @param space what may stand between values
   */
  record JsonSchema(String schema, Space space) implements Constraint {
    private static final int LONGEST = 1 << 20;

    /**
     * Refuses what is too long.
     *
     * @throws LatheException CONSTRAINT_TOO_LARGE
     */
    public JsonSchema {
      requireLength("schema", schema, LONGEST);
    }
  }

  /**
   * Any JSON object.
   *
   * @param space what may stand between values
   */
  record JsonObject(Space space) implements Constraint {}

  /**
   * A text that a regular expression matches as a whole.
   *
   * @param expression what ECMAScript, Python and Java have in common
   */
  record Regex(String expression) implements Constraint {
    private static final int LONGEST = 1 << 18;

    /**
     * Refuses what is too long.
     *
     * @throws LatheException CONSTRAINT_TOO_LARGE
     */
    public Regex {
      requireLength("expression", expression, LONGEST);
    }
  }

  /**
   * A text of a grammar.
   *
   * @param gbnf rules {@code name ::= …} as llama.cpp writes them; {@code root} is the first
   */
  record Grammar(String gbnf) implements Constraint {
    private static final int LONGEST = 1 << 18;

    /**
     * Refuses what is too long.
     *
     * @throws LatheException CONSTRAINT_TOO_LARGE
     */
    public Grammar {
      requireLength("grammar", gbnf, LONGEST);
    }
  }

  /**
   * One of some texts.
   *
   * @param texts at least one
   */
  record Choice(List<String> texts) implements Constraint {
    private static final int MOST = 10_000;
    private static final int LONGEST = 1 << 18;

    /**
     * Refuses none and too many.
     *
     * @throws LatheException BAD_CONSTRAINT or CONSTRAINT_TOO_LARGE
     */
    public Choice {
      texts = List.copyOf(texts);
      if (texts.isEmpty()) {
        throw new LatheException(
            GenerateError.BAD_CONSTRAINT, "choices: none (expected: at least one)");
      }
      long length = texts.stream().mapToLong(String::length).sum();
      if (texts.size() > MOST || length > LONGEST) {
        throw new LatheException(
            GenerateError.CONSTRAINT_TOO_LARGE,
            "choices: "
                + texts.size()
                + " with "
                + length
                + " characters (expected: at most "
                + MOST
                + " with "
                + LONGEST
                + ")");
      }
    }
  }

  /**
   * This very text, or nothing where it is empty.
   *
   * @param text the text
   */
  record Text(String text) implements Constraint {
    private static final int LONGEST = 1 << 18;

    /**
     * Refuses what is too long.
     *
     * @throws LatheException CONSTRAINT_TOO_LARGE
     */
    public Text {
      requireLength("text", text, LONGEST);
    }
  }

  /**
   * A token by its name, special or not.
   *
   * @param token as the tokenizer writes it, such as {@code <tool_call>}
   */
  record Token(String token) implements Constraint {}

  /**
   * Any text in which none of some texts occurs.
   *
   * @param without the texts
   */
  record FreeText(List<String> without) implements Constraint {
    /** Copies. */
    public FreeText {
      without = List.copyOf(without);
    }
  }

  /**
   * One after the other.
   *
   * @param parts in order
   */
  record Then(List<Constraint> parts) implements Constraint {
    /** Copies. */
    public Then {
      parts = List.copyOf(parts);
    }
  }

  /**
   * One of several.
   *
   * @param parts at least one
   */
  record AnyOf(List<Constraint> parts) implements Constraint {
    /** Copies. */
    public AnyOf {
      parts = List.copyOf(parts);
    }
  }

  /**
   * The same some times.
   *
   * @param part what
   * @param least at least so often
   * @param most at most so often, or {@link #ENDLESS}
   */
  record Repeated(Constraint part, int least, int most) implements Constraint {
    /**
     * Refuses numbers out of range.
     *
     * @throws LatheException BAD_CONSTRAINT
     */
    public Repeated {
      if (least < 0 || most < least) {
        throw new LatheException(
            GenerateError.BAD_CONSTRAINT,
            "repetition: "
                + least
                + " to "
                + most
                + " times (expected: from 0, the least before the most)");
      }
    }
  }

  private static void requireLength(String what, String text, int longest) {
    if (text.length() > longest) {
      throw new LatheException(
          GenerateError.CONSTRAINT_TOO_LARGE,
          what + ": " + text.length() + " characters (expected: at most " + longest + ")");
    }
  }
}
