package dev.lathe.server;

/** The one JSON form of the verbs' records: snake_case keys, absent values left out. */
public final class ApiJson {
  private ApiJson() {}

  /**
   * A record as JSON, indented for people.
   *
   * @param value a record of the verbs, or a list of them
   * @return the text
   */
  public static String print(Object value) {
    throw new UnsupportedOperationException();
  }
}
