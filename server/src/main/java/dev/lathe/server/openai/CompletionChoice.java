package dev.lathe.server.openai;

import dev.lathe.generate.FinishReason;
import dev.lathe.generate.GenerateEvent;
import dev.lathe.generate.GenerateEvent.Alternative;
import dev.lathe.generate.GenerateEvent.Scored;
import dev.lathe.prepare.Specials;
import dev.lathe.prepare.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** One of a completion's answers while it is made: what nobody has been told of it. */
final class CompletionChoice {
  private final int index;
  private final Spoken spoken;
  private final Shown shown;
  private final StringBuilder text = new StringBuilder();
  private final List<Scored> scores = new ArrayList<>();
  private int offset;
  private String finish = "";
  private Optional<GenerateEvent.Finished> ending = Optional.empty();

  /**
   * What is shown beside the answer.
   *
   * @param prompt whether the prompt is
   * @param scores whether probabilities are
   */
  record Shown(boolean prompt, boolean scores) {}

  CompletionChoice(int index, int[] prompt, Tokenizer tokenizer, Shown shown) {
    this.index = index;
    this.spoken = new Spoken(tokenizer.vocabulary());
    this.shown = shown;
    if (shown.prompt()) {
      text.append(tokenizer.decode(prompt, Specials.WITHOUT));
    }
  }

  void prompt(GenerateEvent.PromptScored scored) {
    scores.addAll(scored.tokens());
  }

  void push(GenerateEvent.Token token) {
    text.append(token.text());
    token.scored().ifPresent(scores::add);
  }

  void finish(GenerateEvent.Finished end) {
    text.append(end.text());
    finish = end.reason() == FinishReason.STOP ? "stop" : "length";
    ending = Optional.of(end);
  }

  /** How it ended; empty before that. */
  Optional<GenerateEvent.Finished> ending() {
    return ending;
  }

  /** The text that has not been told yet. */
  String news() {
    String news = text.toString();
    text.setLength(0);
    return news;
  }

  /** Whether there is something to tell. */
  boolean hasNews() {
    return !text.isEmpty() || !finish.isEmpty();
  }

  /** What has not been told yet. */
  ObjectNode rest() {
    ObjectNode choice = Bodies.JSON.createObjectNode();
    choice.put("index", index);
    choice.put("text", news());
    if (shown.scores()) {
      choice.set("logprobs", scores());
    } else {
      choice.putNull("logprobs");
    }
    if (finish.isEmpty()) {
      choice.putNull("finish_reason");
    } else {
      choice.put("finish_reason", finish);
    }
    return choice;
  }

  private ObjectNode scores() {
    ObjectNode all = Bodies.JSON.createObjectNode();
    ArrayNode tokens = all.putArray("tokens");
    ArrayNode logprobs = all.putArray("token_logprobs");
    ArrayNode best = all.putArray("top_logprobs");
    ArrayNode offsets = all.putArray("text_offset");
    for (Scored score : scores) {
      String token = spoken.text(score.token());
      tokens.add(token);
      offsets.add(offset);
      offset += token.codePointCount(0, token.length());
      if (Float.isNaN(score.logprob())) {
        logprobs.addNull();
        best.addNull();
        continue;
      }
      logprobs.add(Spoken.logprob(score.logprob()));
      ObjectNode alternatives = best.addObject();
      for (Alternative one : score.best()) {
        alternatives.put(spoken.text(one.token()), Spoken.logprob(one.logprob()));
      }
      alternatives.put(token, Spoken.logprob(score.logprob()));
    }
    scores.clear();
    return all;
  }
}
