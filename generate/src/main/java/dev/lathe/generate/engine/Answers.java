package dev.lathe.generate.engine;

import dev.lathe.generate.FinishReason;
import dev.lathe.generate.GenerateEvent;
import dev.lathe.generate.GenerateEvent.Scored;
import dev.lathe.generate.GenerateRequest;
import dev.lathe.generate.TokenConstraint;
import java.util.List;
import java.util.Optional;

/** Lets answers grow by the tokens drawn, tells their readers, and sees when they are complete. */
final class Answers {
  /** In the place of a token. */
  static final int NO_TOKEN = -2;

  private final Drawing drawing;
  private final Ledger ledger;

  Answers(Drawing drawing, Ledger ledger) {
    this.drawing = drawing;
    this.ledger = ledger;
  }

  /**
   * Draws a token and adds it, and tokens that must follow it.
   *
   * @param index where the last run's scores are
   * @return the token; {@link #NO_TOKEN} if the answer is to have none
   */
  int grow(Sequence sequence, int index) {
    if (sequence.length() >= sequence.most()) {
      finish(sequence, End.of(FinishReason.LENGTH, sequence.wording()));
      return NO_TOKEN;
    }
    int token = drawing.next(sequence, index);
    Optional<Scored> scored = drawing.scored();
    sequence.job().speaks(ledger.now());
    if (drawing.ends(sequence, token)) {
      String own = sequence.job().request().ending().stopTokens().contains(token) ? "" + token : "";
      finish(sequence, new End(FinishReason.STOP, sequence.wording().finish(), own, 1));
      return token;
    }
    add(sequence, token, scored);
    if (scored.isEmpty()) {
      follow(sequence);
    }
    return token;
  }

  private void follow(Sequence sequence) {
    TokenConstraint state = sequence.constraint();
    while (state != null && !sequence.isComplete()) {
      int[] forced = state.forced();
      for (int i = 0; i < forced.length && !sequence.isComplete(); i++) {
        add(sequence, forced[i], Optional.empty());
      }
      state = forced.length == 0 ? null : sequence.constraint();
    }
  }

  private void add(Sequence sequence, int token, Optional<Scored> scored) {
    GenerateRequest request = sequence.job().request();
    Wording wording = sequence.wording();
    sequence.append(token);
    String text =
        sequence.answered() <= request.ending().minTokens()
            ? wording.pushUnheeded(token)
            : wording.push(token);
    tell(sequence, new GenerateEvent.Token(sequence.choice(), token, text, scored));
    if (!wording.stop().isEmpty()) {
      finish(sequence, new End(FinishReason.STOP, "", wording.stop(), 0));
      return;
    }
    TokenConstraint state = sequence.constraint();
    if (state != null && state.finished()) {
      finish(sequence, End.of(FinishReason.STOP, wording));
    } else if (sequence.length() >= sequence.most()) {
      finish(sequence, End.of(FinishReason.LENGTH, wording));
    }
  }

  /** How an answer ends: why, with which text, at which stop, by how many tokens not shown. */
  private record End(FinishReason reason, String text, String stop, int unshown) {
    /** An end that may turn out to be a stop, since text was held back. */
    static End of(FinishReason reason, Wording wording) {
      String text = wording.finish();
      return wording.stop().isEmpty()
          ? new End(reason, text, "", 0)
          : new End(FinishReason.STOP, text, wording.stop(), 0);
    }
  }

  private void finish(Sequence sequence, End end) {
    int tokens = sequence.answered() + end.unshown();
    sequence.complete();
    sequence.job().answered(tokens);
    tell(
        sequence,
        new GenerateEvent.Finished(
            sequence.choice(), end.reason(), end.text(), end.stop(), tokens));
  }

  /**
   * Tells the probabilities of tokens of a prompt.
   *
   * @param index where the last run's scores after a token are
   * @param place the token's place
   */
  void tellPrompt(Sequence sequence, int index, int place) {
    int best = sequence.job().request().probabilities().prompt().orElse(0);
    List<Scored> told = sequence.job().promptScores();
    if (told.isEmpty()) {
      told.add(new Scored(sequence.tokens()[0], Float.NaN, 0, List.of()));
    }
    if (place + 1 == told.size() && told.size() < sequence.promptLength()) {
      told.add(drawing.tell(index, sequence.tokens()[place + 1], best));
    }
    if (place + 1 == sequence.promptLength()) {
      sequence.promptTold();
      tell(sequence, new GenerateEvent.PromptScored(List.copyOf(told)));
    }
  }

  private static void tell(Sequence sequence, GenerateEvent event) {
    sequence.job().mailbox().tell(event);
  }
}
