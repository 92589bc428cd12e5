package dev.lathe.server;

import java.util.List;
import java.util.Optional;

/**
 * Documents to be ordered by how well they fit a query.
 *
 * @param version as for {@link Lathe#predict}
 * @param query the query
 * @param documents the documents; what is too long for the model is cut at the end
 * @param top how many to give, the best ones; absent for all
 */
public record RerankRequest(
    Optional<String> version, String query, List<String> documents, Optional<Integer> top) {
  /** Copies the documents. */
  public RerankRequest {
    documents = List.copyOf(documents);
  }
}
