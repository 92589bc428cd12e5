package dev.lathe.server.tasks;

import dev.lathe.server.AnswerRequest;
import dev.lathe.server.AnswerRequest.Document;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A text that a question is about.
 *
 * @param id what answers call it
 * @param what what errors call it
 * @param text the text
 */
record Source(String id, String what, String text) {
  /** The id of the text that has none. */
  static final String CONTEXT = "context";

  private static final int LONGEST_ID = 512;

  /**
   * The texts of a question, the context first.
   *
   * @throws dev.lathe.ir.LatheException BAD_REQUEST if there is none, one is blank, or two have one
   *     id
   */
  static List<Source> of(AnswerRequest request) {
    List<Source> sources = new ArrayList<>();
    request.context().ifPresent(text -> sources.add(new Source(CONTEXT, CONTEXT, text)));
    List<Document> documents = request.documents().orElse(List.of());
    for (int i = 0; i < documents.size(); i++) {
      Document document = documents.get(i);
      String id = document.id().orElse(Integer.toString(i));
      sources.add(new Source(id, "documents[" + i + "]", document.text()));
    }
    Bounds.requireTexts("question", List.of(request.question()));
    Bounds.requireTexts("context and documents", sources.stream().map(Source::text).toList());
    if (request.question().isBlank()) {
      throw Bounds.bad("question and context (expected: both have text)");
    }
    Set<String> ids = new HashSet<>();
    sources.forEach(source -> source.require(ids));
    return sources;
  }

  private void require(Set<String> ids) {
    if (text.isBlank()) {
      throw Bounds.bad(
          what.equals(CONTEXT)
              ? "question and context (expected: both have text)"
              : what + ": blank (expected: a text)");
    }
    Bounds.requireShort(what + ".id", id, LONGEST_ID);
    if (!ids.add(id)) {
      throw Bounds.bad(what + ": another text has the id \"" + id + "\" (expected: its own)");
    }
  }
}
