package dev.lathe.train.chat;

import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One example, as a line of a file has it. */
public sealed interface ChatLine {
  /**
   * A conversation.
   *
   * @param messages what is said, as chat templates take it; the last one is an answer
   * @param learned places of the answers that are learned, ascending; at least one
   * @param tools functions that the model may call, as chat templates take them; null for none
   */
  record Chat(List<ObjectNode> messages, List<Integer> learned, JsonNode tools)
      implements ChatLine {
    /** Copies the lists. */
    public Chat {
      messages = List.copyOf(messages);
      learned = List.copyOf(learned);
    }
  }

  /**
   * A text and how it goes on, which alone is learned.
   *
   * @param prompt the text
   * @param completion how it goes on
   */
  record Completion(String prompt, String completion) implements ChatLine {}

  /**
   * A text that is learned from its beginning to its end.
   *
   * @param text the text
   */
  record Plain(String text) implements ChatLine {}
}
