package dev.lathe.server.openai;

import io.helidon.common.parameters.Parameters;
import io.helidon.webserver.http.ServerRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Which part of a list is asked for, by {@code after}, {@code limit} and {@code order}.
 *
 * @param after the name behind which it begins; empty for the beginning
 * @param limit how many at most
 * @param newest whether the newest come first
 */
record Paging(String after, int limit, boolean newest) {
  /**
   * Reads it from a query.
   *
   * @param usual the limit if none is given
   * @param most the largest limit
   */
  static Paging of(ServerRequest request, int usual, int most) {
    Parameters query = request.query();
    String limit = text(query, "limit");
    int asked = limit.isEmpty() ? usual : limit.matches("[0-9]{1,6}") ? Integer.parseInt(limit) : 0;
    if (asked < 1 || asked > most) {
      throw Fields.bad("limit", "\"" + limit + "\"", "1 to " + most);
    }
    String order = text(query, "order");
    if (!List.of("", "asc", "desc").contains(order)) {
      throw Fields.bad("order", "\"" + order + "\"", "asc or desc");
    }
    return new Paging(text(query, "after"), asked, !order.equals("asc"));
  }

  static String text(Parameters query, String name) {
    String text = query.contains(name) ? query.first(name).orElse("") : "";
    return text.length() > 200 ? text.substring(0, 200) : text;
  }

  /** What the API calls a list. */
  <T> ObjectNode page(List<T> oldestFirst, Function<T, String> id, Function<T, ObjectNode> told) {
    List<T> all = new ArrayList<>(oldestFirst);
    if (newest) {
      Collections.reverse(all);
    }
    int begin = 0;
    if (!after.isEmpty()) {
      List<String> names = all.stream().map(id).toList();
      begin = names.indexOf(after) + 1;
      if (begin == 0) {
        throw Fields.bad("after", "\"" + after + "\"", "the id of one of the list");
      }
    }
    List<T> some = all.subList(begin, Math.min(all.size(), begin + limit));
    ObjectNode page = Bodies.JSON.createObjectNode().put("object", "list");
    ArrayNode data = page.putArray("data");
    some.forEach(one -> data.add(told.apply(one)));
    if (some.isEmpty()) {
      page.putNull("first_id").putNull("last_id");
    } else {
      page.put("first_id", id.apply(some.getFirst())).put("last_id", id.apply(some.getLast()));
    }
    return page.put("has_more", begin + some.size() < all.size());
  }
}
