package dev.lathe.server.openai;

import dev.lathe.ir.LatheException;
import dev.lathe.server.access.Caller;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * What was said until the end of a response, from the files of it and of those that it follows. A
 * few words can name very much that was kept: each file is counted before it is read, and of what
 * it holds only the items stay.
 */
final class KeptConversation {
  /** How many responses one may follow. */
  private static final int LONGEST_CHAIN = 1000;

  /** How large their files may be together. */
  static final long MOST_BYTES = 16 << 20;

  private static final String FIELD = "previous_response_id";

  private final KeptResponses kept;
  private final Caller caller;
  private final String last;
  private final Deque<List<JsonNode>> turns = new ArrayDeque<>();
  private long bytes;
  private int count;

  private KeptConversation(KeptResponses kept, Caller caller, String last) {
    this.kept = kept;
    this.caller = caller;
    this.last = last;
  }

  /**
   * Questions and answers as items, the oldest first; thoughts, which no model reads again, are
   * left out.
   *
   * @throws LatheException BAD_REQUEST if the last response, or one that it follows, is not kept,
   *     or if they are too many or too large together
   */
  static List<JsonNode> items(KeptResponses kept, Caller caller, String last) {
    KeptConversation conversation = new KeptConversation(kept, caller, last);
    String next = last;
    while (!next.isEmpty()) {
      next = conversation.read(next);
    }
    return conversation.turns.stream().flatMap(List::stream).toList();
  }

  /** Reads a response; tells which it follows, none if it is the first. */
  private String read(String id) {
    if (turns.size() == LONGEST_CHAIN) {
      throw tooMuch("more than " + LONGEST_CHAIN + " responses before");
    }
    Path file =
        kept.files(caller, id).filter(Files::exists).findFirst().orElseThrow(() -> gone(id));
    bytes += KeptResponses.size(file);
    if (bytes > MOST_BYTES) {
      throw tooMuch("what was said before has more than " + (MOST_BYTES >> 20) + " MiB");
    }
    JsonNode turn = KeptResponses.json(file).orElseThrow(() -> gone(id));
    List<JsonNode> items = new ArrayList<>();
    add(turn.path("input"), items);
    add(turn.at("/response/output"), items);
    turns.push(items);
    return turn.at("/response/" + FIELD).asString("");
  }

  private void add(JsonNode from, List<JsonNode> items) {
    for (JsonNode item : from) {
      if (!ResponseItems.isThought(item)) {
        items.add(item);
        count++;
      }
    }
    if (count > ResponseBody.MOST_ITEMS) {
      throw tooMuch("more than " + ResponseBody.MOST_ITEMS + " items before");
    }
  }

  private static LatheException tooMuch(String found) {
    return Fields.bad(FIELD, found, "a shorter conversation");
  }

  private LatheException gone(String id) {
    String found =
        id.equals(last)
            ? "'" + KeptResponses.shown(id) + "' is not found"
            : "'" + KeptResponses.shown(id) + "', which it follows, is not kept any more";
    return Fields.bad(FIELD, found, "a response that was stored");
  }
}
