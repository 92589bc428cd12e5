package dev.lathe.server.openai;

import dev.lathe.generate.GenerateEvent;
import dev.lathe.generate.GenerateEvent.Alternative;
import dev.lathe.generate.GenerateEvent.Scored;
import dev.lathe.prepare.Vocabulary;
import dev.lathe.server.speak.MarkedText;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tokens as probabilities show them.
 *
 * @param vocabulary the model's tokens
 */
record Spoken(Vocabulary vocabulary) {
  /** JSON knows no infinity; this is what the API has in its place. */
  private static final double LEAST = -9999;

  /** What a token says; bytes that are no character by themselves become U+FFFD. */
  String text(int token) {
    return new String(vocabulary.bytes(token), StandardCharsets.UTF_8);
  }

  /** What a token adds to an answer: its text, and its name where that marks calls or thoughts. */
  String said(GenerateEvent.Token token) {
    return new MarkedText(vocabulary).said(token);
  }

  /** A natural logarithm that JSON can say. */
  static double logprob(float value) {
    return Double.isFinite(value) ? value : LEAST;
  }

  /** A token of a chat's answer, with the best in its place. */
  ObjectNode entry(Scored scored) {
    ObjectNode entry = entry(scored.token(), scored.logprob());
    ArrayNode best = entry.putArray("top_logprobs");
    for (Alternative one : scored.best()) {
      best.add(entry(one.token(), one.logprob()));
    }
    return entry;
  }

  private ObjectNode entry(int token, float logprob) {
    ObjectNode entry = Bodies.JSON.createObjectNode();
    entry.put("token", text(token));
    entry.put("logprob", logprob(logprob));
    ArrayNode bytes = entry.putArray("bytes");
    for (byte one : vocabulary.bytes(token)) {
      bytes.add(Byte.toUnsignedInt(one));
    }
    return entry;
  }
}
