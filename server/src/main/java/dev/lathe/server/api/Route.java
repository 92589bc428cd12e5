package dev.lathe.server.api;

import dev.lathe.server.Right;
import io.helidon.http.Method;
import io.helidon.webserver.http.Handler;
import java.util.List;

/**
 * One operation of the API.
 *
 * @param right what its caller must be allowed to do
 * @param method the HTTP method
 * @param path the full path, its parameters in braces
 * @param name the operation's name, unique in the API
 * @param summary one sentence for people
 * @param takes what the request's body is
 * @param gives what the answer is
 * @param handler what is done
 */
record Route(
    Right right,
    Method method,
    String path,
    String name,
    String summary,
    Takes takes,
    Gives gives,
    Handler handler) {

  /**
   * A request's body.
   *
   * @param mediaTypes what it may be sent as; empty if there is no body
   * @param type the record it is read into; {@code String} for a recipe's text
   */
  record Takes(List<String> mediaTypes, Class<?> type) {
    static final Takes NOTHING = new Takes(List.of(), Void.class);

    static Takes json(Class<?> type) {
      return new Takes(List.of("application/json"), type);
    }
  }

  /**
   * An answer.
   *
   * @param status its status when all went well
   * @param mediaType its media type
   * @param type the record that it is made from; {@code String} if it is no JSON
   * @param many whether it is a list of those
   */
  record Gives(int status, String mediaType, Class<?> type, boolean many) {
    static Gives one(Class<?> type) {
      return new Gives(200, "application/json", type, false);
    }

    static Gives accepted(Class<?> type) {
      return new Gives(202, "application/json", type, false);
    }

    static Gives list(Class<?> type) {
      return new Gives(200, "application/json", type, true);
    }

    static Gives media(String mediaType) {
      return new Gives(200, mediaType, String.class, false);
    }
  }
}
