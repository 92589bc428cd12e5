package dev.lathe.server.batches;

import java.util.List;
import tools.jackson.databind.JsonNode;

/** What lines can ask, as the current caller. */
public interface Answers {
  /**
   * The paths that lines may name.
   *
   * @return such as {@code /v1/embeddings}
   */
  List<String> endpoints();

  /**
   * Reads a line.
   *
   * @param line JSON in UTF-8
   * @return what it says
   * @throws dev.lathe.ir.LatheException if it is not JSON, within the bounds of a body
   */
  JsonNode read(byte[] line);

  /**
   * Refuses a body that names no model, or one that the current caller may not ask.
   *
   * @param body what a line asks
   * @throws dev.lathe.ir.LatheException BAD_REQUEST, BAD_NAME or NOT_ALLOWED
   */
  void require(JsonNode body);

  /**
   * Answers a line.
   *
   * @param endpoint one of the paths
   * @param body what it asks
   * @return the answer
   * @throws dev.lathe.ir.LatheException why there is none
   */
  JsonNode answer(String endpoint, JsonNode body);
}
