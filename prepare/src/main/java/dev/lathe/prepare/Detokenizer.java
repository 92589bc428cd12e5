package dev.lathe.prepare;

import dev.lathe.prepare.DecodeStages.Stage;

/**
 * Text of tokens that come one at a time: the pieces put together are the text of the whole, and no
 * piece ends within a character. What may still change with the next token is held back.
 *
 * <p>One thing differs from decoding the whole: where tokens that stand for single bytes break off
 * within a character, the characters before it are kept; Hugging Face's decoder gives them up. Not
 * safe for use by several threads.
 */
public final class Detokenizer {
  private final Vocabulary vocabulary;
  private final Specials specials;
  private final Stage first;
  private final StringBuilder out = new StringBuilder();

  /** Where the tokens stand. */
  public enum Place {
    /** At the start of a text. */
    START,
    /** After other text, as an answer stands after its prompt. */
    WITHIN
  }

  Detokenizer(Vocabulary vocabulary, Place place, Specials specials) {
    this.vocabulary = vocabulary;
    this.specials = specials;
    this.first = vocabulary.stages().open(place, out::append);
  }

  /**
   * The next token.
   *
   * @param id its number; one of no token adds nothing
   * @return the text that is certain now; may be empty
   */
  public String push(int id) {
    if (vocabulary.has(id) && (specials == Specials.WITH || !vocabulary.special(id))) {
      first.push(vocabulary.token(id));
    }
    return taken();
  }

  /**
   * There are no more tokens.
   *
   * @return what was held back; an incomplete character becomes U+FFFD
   */
  public String finish() {
    first.finish();
    return taken();
  }

  private String taken() {
    if (out.isEmpty()) {
      return "";
    }
    String text = out.toString();
    out.setLength(0);
    return text;
  }
}
