package dev.lathe.benchmarks.serving;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One request to be sent again and again.
 *
 * @param path the path with its query
 * @param headers names and values, without host and length
 * @param body the body's bytes
 */
record Payload(String path, Map<String, String> headers, byte[] body) {
  static Payload json(String path, String body) {
    return new Payload(
        path, Map.of("Content-Type", "application/json"), body.getBytes(StandardCharsets.UTF_8));
  }

  static Payload binary(String path, byte[] body) {
    return new Payload(path, Map.of("Content-Type", "application/octet-stream"), body);
  }

  /** The same for another path. */
  Payload to(String other) {
    return new Payload(other, headers, body);
  }

  /** The same with one more header. */
  Payload with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new Payload(path, more, body);
  }

  /** The whole request as it goes over the wire. */
  byte[] wire(String host) {
    StringBuilder head = new StringBuilder("POST " + path + " HTTP/1.1\r\nHost: " + host + "\r\n");
    headers.forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
    head.append("Content-Length: " + body.length + "\r\n\r\n");
    byte[] start = head.toString().getBytes(StandardCharsets.US_ASCII);
    byte[] all = new byte[start.length + body.length];
    System.arraycopy(start, 0, all, 0, start.length);
    System.arraycopy(body, 0, all, start.length, body.length);
    return all;
  }
}
