package dev.lathe.server.openai;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What one path of the API does with a body, whoever brings it. */
@FunctionalInterface
interface Verb {
  /**
   * Answers whole.
   *
   * @param body the request; one that asks for a stream is refused
   * @param asking who asks
   * @throws dev.lathe.ir.LatheException why there is no answer
   */
  ObjectNode answer(JsonNode body, Asking asking);
}
