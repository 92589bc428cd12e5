package dev.lathe.server.oip;

/**
 * What the headers say about the size of a request's body, in bytes.
 *
 * @param whole the whole body, once inflated; -1 if not known before its end
 * @param json its JSON, which binary tensors follow; -1 if the whole body is JSON
 */
record BodySize(long whole, long json) {
  /** A body of JSON alone. */
  static BodySize json(long whole) {
    return new BodySize(whole, -1);
  }

  /** Whether binary tensors may follow the JSON. */
  boolean hasTail() {
    return json >= 0;
  }
}
