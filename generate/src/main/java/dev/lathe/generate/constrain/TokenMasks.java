package dev.lathe.generate.constrain;

import dev.lathe.generate.Constraint;
import dev.lathe.generate.TokenConstraint;
import dev.lathe.prepare.Vocabulary;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Masks over one vocabulary. Immutable; may be used by many threads. */
public final class TokenMasks {
  private final Vocabulary vocabulary;
  private final TokenTable table;
  private final Optional<Spelling> spelling;

  /**
   * Puts the tokens of a vocabulary in order.
   *
   * @param vocabulary the tokens
   * @param spelling how the tokenizer writes a text; without it, tokens are forced one at a time
   */
  public TokenMasks(Vocabulary vocabulary, Optional<Spelling> spelling) {
    this.vocabulary = vocabulary;
    this.table = TokenTable.of(vocabulary);
    this.spelling = spelling;
  }

  /**
   * Compiles a constraint.
   *
   * @param constraint what may be said
   * @return the state before the first token
   * @throws dev.lathe.ir.LatheException BAD_CONSTRAINT or CONSTRAINT_TOO_LARGE
   */
  public TokenConstraint start(Constraint constraint) {
    Budget budget = new Budget();
    Rule root = Rule.of("root", new Translate(vocabulary, budget).form(constraint));
    return new Machine(Automaton.of(root, table.alphabet(), budget), table, spelling).start();
  }

  /**
   * Whether a text may be how an answer begins, in whatever tokens it is written.
   *
   * @param start what {@link #start} made
   * @param text the text
   * @return true if something may follow it, or nothing
   */
  public static boolean mayBegin(TokenConstraint start, String text) {
    Place at = (Place) start;
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      at = at.next(b & 0xFF);
      if (at.dead()) {
        return false;
      }
    }
    return true;
  }

  /**
   * How large a compiled constraint is.
   *
   * @param start what {@link #start} made
   * @return states of its tables
   */
  public static int states(TokenConstraint start) {
    return start instanceof Place place ? place.states() : 0;
  }
}
