package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.ElementType;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The binary tensor extension, both ways, and what can be wrong with it. */
class BinaryInferTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final String JSON_LENGTH = "Inference-Header-Content-Length";
  private static final ElementType[] TYPES = {
    ElementType.FLOAT,
    ElementType.DOUBLE,
    ElementType.FLOAT16,
    ElementType.BFLOAT16,
    ElementType.INT8,
    ElementType.INT16,
    ElementType.INT32,
    ElementType.INT64,
    ElementType.UINT8,
    ElementType.UINT16,
    ElementType.UINT32,
    ElementType.UINT64,
    ElementType.BOOL,
    ElementType.STRING
  };
  private static LatheServer server;

  @BeforeAll
  static void start(@TempDir Path data) {
    try (Registry registry = Registry.open(data.resolve("registry"))) {
      for (ElementType type : TYPES) {
        String name = "default/" + type.name();
        Models.publish(registry, name, Models.identity(type));
        registry.deploy(ModelName.parse(name), "v1", "prod");
      }
      Models.publish(registry, "demo/adding", Models.adding(1));
      registry.deploy(ModelName.parse("demo/adding"), "v1", "prod");
    }
    server = LatheServer.start(ServerConfig.of(data, 0));
  }

  @AfterAll
  static void stop() {
    server.close();
    CLIENT.close();
  }

  @ParameterizedTest
  @CsvSource({
    "FLOAT, FP32, 4, 0000C07F0000807F010000800000803F",
    "DOUBLE, FP64, 2, 000000000000F87FFFFFFFFFFFFFEF7F",
    "FLOAT16, FP16, 3, 007E007C0100",
    "BFLOAT16, BF16, 3, C07F807F0100",
    "INT8, INT8, 2, 807F",
    "INT16, INT16, 2, 0080FF7F",
    "INT32, INT32, 2, 00000080FFFFFF7F",
    "INT64, INT64, 3, 0000000000000080FFFFFFFFFFFFFF7F0100000000002000",
    "UINT8, UINT8, 2, 00FF",
    "UINT16, UINT16, 2, 0000FFFF",
    "UINT32, UINT32, 2, 00000000FFFFFFFF",
    "UINT64, UINT64, 2, FFFFFFFFFFFFFFFF0100000000002000",
    "BOOL, BOOL, 3, 000101",
    "STRING, BYTES, 3, 02000000C3A40000000003000000612262"
  })
  void everyDatatype_goesThroughBitForBit(String model, String type, int count, String hex)
      throws Exception {
    byte[] tensor = HexFormat.of().parseHex(hex);
    String json =
        "{\"id\":\"7\",\"parameters\":{\"binary_data_output\":true},\"inputs\":["
            + input(type, "[1," + count + "]", tensor.length)
            + "]}";
    HttpResponse<byte[]> answer = post("/v2/models/" + model + "/infer", json, tensor);
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/octet-stream");
    assertThat(head(answer))
        .isEqualTo(
            "{\"model_name\":\"%s\",\"model_version\":\"v1\",\"id\":\"7\",\"outputs\":[{\"name\":\"y\",\"datatype\":\"%s\",\"shape\":[1,%d],\"parameters\":{\"binary_data_size\":%d}}]}"
                .formatted(model, type, count, tensor.length));
    assertThat(tail(answer)).isEqualTo(tensor);
  }

  @Test
  void eachOutput_hasTheFormItWasAskedIn() throws Exception {
    byte[] tensor = floats(1, 2);
    String json =
        "{\"inputs\":["
            + input("FP32", "[1,2]", 8)
            + "],\"outputs\":[{\"name\":\"y\",\"parameters\":{\"binary_data\":true}},{\"name\":\"z\"}]}";
    HttpResponse<byte[]> answer = post("/v2/models/demo/adding/infer", json, tensor);
    assertThat(head(answer))
        .contains("\"name\":\"z\",\"datatype\":\"FP32\",\"shape\":[1,2],\"data\":[1.0,2.0]");
    assertThat(tail(answer)).isEqualTo(floats(2, 3));
  }

  @Test
  void rawBody_isTheOneInput_andItsAnswerIsBinary() throws Exception {
    HttpResponse<byte[]> answer =
        send("/v2/models/demo/adding/infer", floats(1, 2, 3, 4), "0", "", "");
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
    assertThat(head(answer)).contains("\"shape\":[2,2],\"parameters\":{\"binary_data_size\":16}");
    assertThat(tail(answer)).isEqualTo(floats(2, 3, 4, 5, 1, 2, 3, 4));
    HttpResponse<byte[]> row = send("/v2/models/INT16/infer", new byte[6], "0", "", "");
    assertThat(head(row)).contains("\"shape\":[1,3]");
    byte[] string = "text".getBytes(StandardCharsets.UTF_8);
    assertThat(tail(send("/v2/models/STRING/infer", string, "0", "", "")))
        .isEqualTo(new byte[] {4, 0, 0, 0, 't', 'e', 'x', 't'});
  }

  @Test
  void rawBodyOfAnotherLength_isRefused() throws Exception {
    HttpResponse<byte[]> answer = send("/v2/models/demo/adding/infer", new byte[12], "0", "", "");
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(text(answer)).contains("12 bytes (expected: as many as make input");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "FP32|[1,2]|4|8|\"binary_data_size\" 4 (expected: 8, for FP32 [1, 2])",
        "FP32|[1,2]|16|8|\"binary_data_size\" 16 (expected: 8",
        "FP32|[1,2]|-8|8|parameter \"binary_data_size\": -8 (expected: bytes",
        "FP32|[1,2]|8|12|12 bytes after the JSON (expected: 8",
        "FP32|[1,2]|8|4|\"binary_data_size\" 8 (expected: at most 4, what the body has left)",
        "FP32|[1099511627776,1099511627776]|8|8|overflows",
        "FP32|[1099511627776,2]|8796093022208|8|(expected: at most 8, what the body has left)",
        "FP32|[4611686018427387904,1]|8|8|overflows",
        "FP64|[1,2]|8|8|\"binary_data_size\" 8 (expected: 16",
        "FP32|[1,2]|1e3|8|(expected: bytes, an integer from 0)",
        "FP32|[1,2]|99999999999999999999|8|(expected: bytes, an integer from 0)",
        "BYTES|[1,1]|8|8|element 0 leaves its tensor",
        "BYTES|[1,3]|8|8|element 0 leaves its tensor",
        "BYTES|[1,3]|2|2|\"binary_data_size\" 2 (expected: what 3 elements take)"
      })
  void wrongSizes_areRefusedByName(String type, String shape, String size, int tail, String text)
      throws Exception {
    String json = "{\"inputs\":[" + input(type, shape, size) + "]}";
    byte[] tensor = new byte[tail];
    Arrays.fill(tensor, (byte) 9);
    HttpResponse<byte[]> answer =
        post("/v2/models/" + (type.equals("BYTES") ? "STRING" : "FLOAT") + "/infer", json, tensor);
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(400);
    assertThat(text(answer).replace("\\\"", "\"")).contains(text);
  }

  @Test
  void truncatedChunkedBody_isRefused_whereItsLengthIsNotKnownBefore() throws Exception {
    String json = "{\"inputs\":[" + input("FP32", "[1,4]", 16) + "]}";
    byte[] short8 = body(json, new byte[8]);
    byte[] long24 = body(json, new byte[24]);
    assertThat(text(chunked(short8, json.length()))).contains("ends after 8 of its bytes");
    assertThat(text(chunked(long24, json.length()))).contains("goes on after the last tensor");
    assertThat(chunked(body(json, new byte[16]), json.length()).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({"-1", "1.5", "many", "99999999999999999999", "''"})
  void headerThatIsNoLength_isRefused(String header) throws Exception {
    byte[] whole = "{\"inputs\":[]}".getBytes(StandardCharsets.UTF_8);
    HttpResponse<byte[]> answer = send("/v2/models/FLOAT/infer", whole, header, "", "");
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(text(answer)).contains("header Inference-Header-Content-Length");
  }

  @Test
  void jsonLengthThatDoesNotFit_isRefused() throws Exception {
    String json = "{\"inputs\":[" + input("FP32", "[1,2]", 8) + "]}";
    byte[] whole = body(json, floats(1, 2));
    String beyond = Integer.toString(whole.length + 1);
    assertThat(text(send("/v2/models/FLOAT/infer", whole, beyond, "", "")))
        .contains("(expected: at most the body's " + whole.length + " bytes)");
    String half = Integer.toString(json.length() - 5);
    assertThat(send("/v2/models/FLOAT/infer", whole, half, "", "").statusCode()).isEqualTo(400);
    String into = Integer.toString(json.length() + 4);
    assertThat(send("/v2/models/FLOAT/infer", whole, into, "", "").statusCode()).isEqualTo(400);
  }

  @Test
  void binarySize_needsTheHeader_andNoData() throws Exception {
    String json = "{\"inputs\":[" + input("FP32", "[1,2]", 8) + "]}";
    HttpResponse<byte[]> bare =
        send("/v2/models/FLOAT/infer", body(json, floats(1, 2)), "none", "", "");
    assertThat(bare.statusCode()).isEqualTo(400);
    assertThat(text(bare)).contains("header Inference-Header-Content-Length");
    String both = json.replace("\"datatype\"", "\"data\":[1,2],\"datatype\"");
    assertThat(text(post("/v2/models/FLOAT/infer", both, floats(1, 2))))
        .contains("(expected: one of them)");
  }

  @Test
  void byteThatIsNoTruth_isRefused() throws Exception {
    String json = "{\"inputs\":[" + input("BOOL", "[1,3]", 3) + "]}";
    assertThat(text(post("/v2/models/BOOL/infer", json, new byte[] {0, 1, 2})))
        .contains("byte 2 at element 2 (expected: 0 or 1 for datatype BOOL)");
  }

  @Test
  void largeTensor_goesThroughWhole_alsoPacked() throws Exception {
    byte[] tensor = new byte[9_000_000];
    new Random(5).nextBytes(tensor);
    String json =
        "{\"parameters\":{\"binary_data_output\":true},\"inputs\":["
            + input("INT8", "[9,1000000]", tensor.length)
            + "]}";
    assertThat(tail(post("/v2/models/INT8/infer", json, tensor))).isEqualTo(tensor);
    byte[] packed = gzip(body(json, tensor));
    HttpResponse<byte[]> answer =
        send("/v2/models/INT8/infer", packed, Integer.toString(json.length()), "gzip", "gzip");
    assertThat(answer.headers().firstValue("Content-Encoding")).contains("gzip");
    byte[] whole = new GZIPInputStream(new ByteArrayInputStream(answer.body())).readAllBytes();
    int head = Integer.parseInt(answer.headers().firstValue(JSON_LENGTH).orElseThrow());
    assertThat(Arrays.copyOfRange(whole, head, whole.length)).isEqualTo(tensor);
  }

  @Test
  void answer_isPackedOnlyWhereAskedAndWorthIt() throws Exception {
    String zeros = "0,".repeat(999) + "0";
    String json =
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,1000],\"datatype\":\"INT32\",\"data\":["
            + zeros
            + "]}]}";
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    HttpResponse<byte[]> plain = send("/v2/models/INT32/infer", body, "none", "", "");
    HttpResponse<byte[]> packed =
        send("/v2/models/INT32/infer", body, "none", "", "br, deflate;q=0.5");
    assertThat(plain.headers().firstValue("Content-Encoding")).isEmpty();
    assertThat(packed.headers().firstValue("Content-Encoding")).contains("deflate");
    assertThat(packed.body().length).isLessThan(plain.body().length / 10);
    assertThat(new InflaterInputStream(new ByteArrayInputStream(packed.body())).readAllBytes())
        .isEqualTo(plain.body());
    assertThat(send("/v2/models/INT32/infer", body, "none", "", "gzip;q=0").headers().map())
        .doesNotContainKey("content-encoding");
  }

  @Test
  void nameWithoutNamespace_isInTheDefaultOne_andAnEscapedSlashMayBeEscapedAgain()
      throws Exception {
    String json =
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":[1,2]}]}";
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    for (String path :
        new String[] {
          "demo%252Fadding/infer", "demo%2Fadding/versions/1/infer", "FLOAT/versions/v1/infer"
        }) {
      HttpResponse<byte[]> answer = send("/v2/models/" + path, body, "none", "", "");
      assertThat(answer.statusCode()).as(path + text(answer)).isEqualTo(200);
    }
    for (String path :
        new String[] {"..", "a%252F..%252Fb", "%252e%252e%252fx", "a%00b", "a%5Cb"}) {
      HttpResponse<byte[]> answer = send("/v2/models/" + path + "/infer", body, "none", "", "");
      assertThat(answer.statusCode()).as(path).isBetween(400, 404);
    }
  }

  private static String input(String type, String shape, Object size) {
    return "{\"name\":\"x\",\"shape\":%s,\"datatype\":\"%s\",\"parameters\":{\"binary_data_size\":%s}}"
        .formatted(shape, type, size);
  }

  private static byte[] floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return bytes.array();
  }

  private static byte[] body(String json, byte[] tensor) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(json.getBytes(StandardCharsets.UTF_8));
    body.writeBytes(tensor);
    return body.toByteArray();
  }

  private static byte[] gzip(byte[] body) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(body);
    }
    return bytes.toByteArray();
  }

  private static HttpResponse<byte[]> post(String path, String json, byte[] tensor)
      throws IOException, InterruptedException {
    return send(path, body(json, tensor), Integer.toString(json.length()), "", "");
  }

  private static HttpResponse<byte[]> send(
      String path, byte[] body, String jsonLength, String encoding, String accept)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.address() + path))
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    if (!jsonLength.equals("none")) {
      request.header(JSON_LENGTH, jsonLength);
    }
    if (!encoding.isEmpty()) {
      request.header("Content-Encoding", encoding);
    }
    if (!accept.isEmpty()) {
      request.header("Accept-Encoding", accept);
    }
    return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private static HttpResponse<byte[]> chunked(byte[] body, int json)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.address() + "/v2/models/FLOAT/infer"))
            .header(JSON_LENGTH, Integer.toString(json))
            .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))
            .build();
    return CLIENT.send(request, HttpResponse.BodyHandlers.ofByteArray());
  }

  private static int headLength(HttpResponse<byte[]> answer) {
    return Integer.parseInt(answer.headers().firstValue(JSON_LENGTH).orElseThrow());
  }

  private static String head(HttpResponse<byte[]> answer) {
    return new String(answer.body(), 0, headLength(answer), StandardCharsets.UTF_8);
  }

  private static byte[] tail(HttpResponse<byte[]> answer) {
    return Arrays.copyOfRange(answer.body(), headLength(answer), answer.body().length);
  }

  private static String text(HttpResponse<byte[]> answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }
}
