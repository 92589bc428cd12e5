package dev.lathe.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;

/**
 * One request, made from a route by some changes to a valid one. The same number makes the same
 * request.
 *
 * @param wire the bytes to send
 * @param honest whether the framing says the truth about the body
 */
record FuzzRequest(byte[] wire, boolean honest) {
  private static final List<String> METHODS =
      List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW");

  private static final Map<String, List<String>> PARAMETERS =
      Map.of(
          "namespace", List.of("demo", "demo", "demo", "types", "nobody", ".."),
          "name", List.of("linear", "linear", "linear", "steps", "nothing", "%2e%2e"),
          "model", List.of("demo%2Flinear", "demo/linear", "linear", "demo%2F..%2Flinear"),
          "repository", List.of("demo/linear.git", "demo/linear", "../x.git", "demo"),
          "version", List.of("v1", "1", "v2", "v999", "-1", "v99999999999999999999"),
          "environment", List.of("prod", "staging", "a/b"),
          "job", List.of("none", "0", "..", "x".repeat(300)));

  private static final List<String> PIECES =
      List.of(
          "",
          "0",
          "-1",
          "1e999",
          "NaN",
          "null",
          "{}",
          "[",
          "]",
          "\"",
          "\\u0000",
          "[[[[[[[[[[",
          "1099511627776",
          "9223372036854775808",
          "\u00e4",
          "\ud83d\ude00",
          "%",
          "%00",
          "..",
          "/",
          "//",
          "\u0000",
          "\r\n",
          ",",
          ":",
          "x".repeat(1000),
          "[0,".repeat(200));

  private static final List<String> BODIES =
      List.of(
          "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4]}]}",
          "{\"id\":\"7\",\"parameters\":{\"timeout\":1000000,\"priority\":1,\"sequence_id\":3,"
              + "\"binary_data_output\":true},\"inputs\":[{\"name\":\"x\",\"shape\":[2,4],"
              + "\"datatype\":\"FP32\",\"data\":[[1,2,3,4],[5,6,7,8]]}],\"outputs\":[{\"name\":"
              + "\"y\",\"parameters\":{\"classification\":2}}]}",
          "{\"version\":\"v1\",\"environment\":\"prod\"}",
          "{\"version\":\"v2\",\"environment\":\"staging\",\"canary\":{\"version\":\"v1\","
              + "\"percent\":10}}",
          "{\"inputs\":{\"x\":[[1,2,3,4]]}}",
          "{\"ready\":true,\"parameters\":{\"unload_dependents\":true}}",
          "{\"trace_level\":[\"TIMESTAMPS\"],\"trace_rate\":\"10\",\"log_info\":true}",
          "{\"operation\":\"download\",\"objects\":[{\"oid\":\""
              + "0".repeat(64)
              + "\",\"size\":1}]}",
          "model: demo/new\ndata: missing\narchitecture: {kind: linear}\n",
          "0014command=ls-refs\n0000",
          "key=nothing",
          "");

  private static final List<String> HEADERS =
      List.of(
          "Content-Type: application/json",
          "Content-Type: application/yaml",
          "Content-Type: application/octet-stream",
          "Content-Type: application/x-git-upload-pack-request",
          "Content-Type: multipart/form-data; boundary=x",
          "Content-Type: ;;;",
          "Accept: text/html",
          "Accept: application/json;q=x",
          "Accept-Encoding: gzip, deflate, br",
          "Content-Encoding: gzip",
          "Content-Encoding: deflate, gzip",
          "Content-Encoding: br",
          "Inference-Header-Content-Length: 10",
          "Inference-Header-Content-Length: -1",
          "Inference-Header-Content-Length: 99999999999999999999",
          "Lathe-Timeout: 1",
          "Lathe-Timeout: soon",
          "Lathe-Caller: " + "c".repeat(500),
          "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
          "traceparent: 00-zz",
          "Range: bytes=0-",
          "If-None-Match: \"x\"",
          "Expect: 100-continue",
          "Expect: 200-maybe",
          "Host: evil.example",
          "Host: ",
          "Origin: http://evil.example",
          "Cookie: lathe=1; ; =",
          "Authorization: Basic Og==",
          "Authorization: Bearer",
          "Upgrade: h2c",
          "Upgrade: websocket",
          "Git-Protocol: version=2",
          "Connection: close",
          "X-Long: " + "y".repeat(9000),
          "no colon",
          ": no name",
          "Bad\u0001Name: x",
          "X-Folded: a\r\n b");

  /**
   * Makes a request.
   *
   * @param seed decides everything
   * @param method the route's method
   * @param route the route's path, its parameters in braces
   * @param credentials a header line, or none
   */
  static FuzzRequest of(long seed, String method, String route, String credentials) {
    SplittableRandom random = new SplittableRandom(seed);
    boolean wild = random.nextInt(3) > 0;
    String verb = random.nextInt(12) == 0 ? pick(random, METHODS) : method;
    String path = path(random, route, wild);
    List<String> headers = new ArrayList<>(List.of("Host: localhost"));
    if (!credentials.isEmpty()) {
      headers.add(credentials);
    }
    for (int i = random.nextInt(wild ? 4 : 2); i > 0; i--) {
      headers.add(pick(random, HEADERS));
    }
    byte[] body = body(random, headers, verb);
    return framed(random, verb + " " + path + " HTTP/1.1", headers, body);
  }

  private static String path(SplittableRandom random, String route, boolean wild) {
    StringBuilder path = new StringBuilder();
    for (String part : route.split("(?=\\{)|(?<=})")) {
      boolean parameter = part.startsWith("{");
      String name = part.replaceAll("[{}+*]", "");
      path.append(
          parameter ? pick(random, PARAMETERS.getOrDefault(name, List.of("x", "linear"))) : part);
    }
    if (random.nextInt(6) == 0) {
      path.append("?environment=").append(pick(random, List.of("prod", "staging", "%zz", "")));
    }
    if (wild && random.nextInt(4) == 0) {
      path.insert(
          random.nextInt(path.length() + 1), pick(random, PIECES).replaceAll("[\r\n ]", ""));
    }
    return path.toString();
  }

  private static byte[] body(SplittableRandom random, List<String> headers, String method) {
    if (method.equals("GET") && random.nextInt(10) > 0) {
      return new byte[0];
    }
    StringBuilder text = new StringBuilder(pick(random, BODIES));
    for (int i = random.nextInt(4) - 1; i > 0 && !text.isEmpty(); i--) {
      int at = random.nextInt(text.length());
      int end = Math.min(text.length(), at + random.nextInt(8));
      switch (random.nextInt(3)) {
        case 0 -> text.setLength(at);
        case 1 -> text.replace(at, end, pick(random, PIECES));
        default -> text.insert(at, pick(random, PIECES));
      }
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    if (bytes.length > 0 && random.nextInt(8) == 0) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    if (random.nextInt(200) == 0) {
      bytes = new byte[random.nextInt(1 << 18)];
    }
    if (random.nextInt(10) == 0) {
      headers.add("Content-Encoding: gzip");
      bytes = packed(bytes);
    }
    return bytes;
  }

  private static FuzzRequest framed(
      SplittableRandom random, String line, List<String> headers, byte[] body) {
    ByteArrayOutputStream wire = new ByteArrayOutputStream();
    int way = random.nextInt(24);
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    if (way < 3) {
      headers.add("Transfer-Encoding: chunked");
      String size = way == 2 ? "fffffffffffff" : Integer.toHexString(body.length);
      if (body.length > 0) {
        sent.writeBytes((size + "\r\n").getBytes(StandardCharsets.US_ASCII));
        sent.writeBytes(body);
        sent.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
      }
      sent.writeBytes((way == 1 ? "zz\r\n" : "0\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
    } else {
      long stated =
          switch (way) {
            case 3 -> body.length + 10L;
            case 4 -> Math.max(0, body.length - 3);
            case 5 -> -1;
            case 6 -> Long.MAX_VALUE;
            default -> body.length;
          };
      if (body.length > 0 || way < 8) {
        headers.add("Content-Length: " + stated);
      }
      if (way == 7) {
        headers.add("Transfer-Encoding: chunked");
      }
      sent.writeBytes(body);
    }
    wire.writeBytes((line + "\r\n").getBytes(StandardCharsets.UTF_8));
    headers.forEach(h -> wire.writeBytes((h + "\r\n").getBytes(StandardCharsets.UTF_8)));
    wire.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
    wire.writeBytes(sent.toByteArray());
    return new FuzzRequest(wire.toByteArray(), way == 0 || way > 7);
  }

  private static byte[] packed(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static String pick(SplittableRandom random, List<String> from) {
    return from.get(random.nextInt(from.size()));
  }

  @Override
  public String toString() {
    String text = new String(wire, StandardCharsets.UTF_8);
    return text.length() > 1500 ? text.substring(0, 1500) + "…" : text;
  }
}
