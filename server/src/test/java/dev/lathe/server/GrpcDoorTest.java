package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.registry.Datatype;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.server.grpc.wire.WireWriter;
import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls by the client of grpc-java, on the port that serves HTTP. */
class GrpcDoorTest {
  private static final String INFER = GrpcClient.SERVICE + "ModelInfer";
  private static final String STREAM = GrpcClient.SERVICE + "ModelStreamInfer";
  private static final int LIMIT = 1 << 20;
  private static LatheServer server;
  private static Registry registry;
  private static GrpcClient client;

  @BeforeAll
  static void start(@TempDir Path data) {
    registry = Registry.open(data.resolve("registry"));
    publish("demo/adding", Models.adding(1));
    publish("default/plain", Models.adding(1));
    for (Datatype type : Datatype.values()) {
      if (type != Datatype.BF16) {
        publish("types/" + type.name(), Models.identity(type.element()));
      }
    }
    ServerConfig.Limits usual = ServerConfig.Limits.defaults();
    server =
        LatheServer.start(
            ServerConfig.of(data, 0)
                .with(
                    new ServerConfig.Limits(
                        LIMIT,
                        usual.queueCapacity(),
                        usual.maxBatchRows(),
                        usual.maxDelay(),
                        usual.timeout(),
                        usual.maxConnections(),
                        usual.versionCache(),
                        usual.memoryBytes(),
                        usual.adapters(),
                        usual.maxPerAddress(),
                        usual.maxBodies())));
    client = new GrpcClient(server.address().getPort());
  }

  @AfterAll
  static void stop() {
    client.close();
    server.close();
    registry.close();
  }

  private static void publish(String name, dev.lathe.ir.Model model) {
    String version = Models.publish(registry, name, model);
    registry.deploy(ModelName.parse(name), version, "prod");
  }

  @Test
  void server_isLiveAndReadyAndNamed() {
    WireWriter nothing = new WireWriter();
    assertThat(GrpcClient.text(call("ServerLive", nothing), 1)).isEqualTo("1");
    assertThat(GrpcClient.text(call("ServerReady", nothing), 1)).isEqualTo("1");
    byte[] metadata = call("ServerMetadata", nothing);
    assertThat(GrpcClient.text(metadata, 1)).isEqualTo("lathe");
    assertThat(GrpcClient.text(metadata, 2)).isEqualTo(Tool.VERSION);
    assertThat(GrpcClient.fields(metadata, 3)).contains("classification".getBytes());
  }

  @Test
  void health_servesAndKnowsItsServices() {
    String check = "grpc.health.v1.Health/Check";
    assertThat(GrpcClient.text(client.call(check, new WireWriter()), 1)).isEqualTo("1");
    assertThat(
            GrpcClient.text(
                client.call(check, new WireWriter().text(1, "inference.GRPCInferenceService")), 1))
        .isEqualTo("1");
    refused(
        () -> client.call(check, new WireWriter().text(1, "other")),
        Status.Code.NOT_FOUND,
        "service \"other\"");
  }

  @Test
  void model_isReadyWithItsSignature_andAnUnknownOneIsNot() {
    assertThat(GrpcClient.text(call("ModelReady", named("demo/adding")), 1)).isEqualTo("1");
    assertThat(GrpcClient.text(call("ModelReady", named("demo/none")), 1)).isEmpty();
    byte[] metadata = call("ModelMetadata", named("demo/adding"));
    assertThat(GrpcClient.text(metadata, 1)).isEqualTo("demo/adding");
    assertThat(GrpcClient.text(metadata, 3)).isEqualTo("onnx_onnxv1");
    byte[] input = GrpcClient.fields(metadata, 4).getFirst();
    assertThat(GrpcClient.text(input, 1)).isEqualTo("x");
    assertThat(GrpcClient.text(input, 2)).isEqualTo("FP32");
    assertThat(GrpcClient.fields(metadata, 5)).hasSize(2);
    refused(
        () -> call("ModelMetadata", named("demo/none")), Status.Code.NOT_FOUND, "no such model");
  }

  @Test
  void floats_comeRawWhetherTheyWentTypedOrRaw() {
    byte[] typed =
        client.call(
            INFER,
            request("demo/adding", "a")
                .message(
                    5,
                    input("x", "FP32", 1, 2)
                        .message(5, contents -> contents.bytes(6, floats(1.5f, -2)))));
    byte[] raw =
        client.call(
            INFER,
            request("demo/adding", "a")
                .message(5, input("x", "FP32", 1, 2))
                .bytes(7, floats(1.5f, -2)));
    for (byte[] answer : List.of(typed, raw)) {
      assertThat(GrpcClient.text(answer, 1)).isEqualTo("demo/adding");
      assertThat(GrpcClient.text(answer, 2)).isEqualTo("v1");
      assertThat(GrpcClient.text(answer, 3)).isEqualTo("a");
      assertThat(GrpcClient.fields(answer, 6)).containsExactly(floats(2.5f, -1), floats(1.5f, -2));
    }
  }

  @Test
  void onlyTheOutputsAskedFor_come() {
    byte[] answer =
        client.call(
            INFER,
            request("demo/adding", "")
                .message(5, input("x", "FP32", 1, 2))
                .message(6, output -> output.text(1, "z"))
                .bytes(7, floats(3, 4)));
    assertThat(GrpcClient.fields(answer, 6)).containsExactly(floats(3, 4));
  }

  @ParameterizedTest
  @EnumSource(
      value = Datatype.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"BF16"})
  void everyDatatype_goesThroughRaw_bitForBit(Datatype type) {
    byte[] elements = extremes(type);
    byte[] answer =
        client.call(
            INFER,
            request("types/" + type, "")
                .message(5, input("x", type.name(), 1, 2))
                .bytes(7, elements));
    assertThat(GrpcClient.text(GrpcClient.fields(answer, 5).getFirst(), 2)).isEqualTo(type.name());
    assertThat(GrpcClient.fields(answer, 6)).containsExactly(elements);
  }

  private static byte[] extremes(Datatype type) {
    return switch (type) {
      case BOOL -> new byte[] {1, 0};
      case INT8, UINT8 -> new byte[] {-128, 127};
      case INT16, UINT16, FP16, BF16 -> new byte[] {0, -128, -1, 127};
      case INT32, UINT32, FP32 -> new byte[] {1, 0, -128, 127, 0, 0, 0, -128};
      case INT64, UINT64, FP64 ->
          new byte[] {-1, -1, -1, -1, -1, -1, -1, 127, 1, 0, 0, 0, 0, 0, 32, 0};
      case BYTES -> new byte[] {3, 0, 0, 0, 'a', 'b', 'c', 0, 0, 0, 0};
    };
  }

  @Test
  void integers_goTyped_exactly() {
    assertThat(typed("INT64", 3, Long.MIN_VALUE, 9007199254740993L))
        .isEqualTo(longs(Long.MIN_VALUE, 9007199254740993L));
    assertThat(typed("UINT64", 5, -1, 1)).isEqualTo(longs(-1, 1));
    assertThat(typed("INT8", 2, -128, 127)).isEqualTo(new byte[] {-128, 127});
    assertThat(typed("UINT8", 4, 0, 255)).isEqualTo(new byte[] {0, -1});
    assertThat(typed("INT16", 2, -32768, 32767)).isEqualTo(new byte[] {0, -128, -1, 127});
    assertThat(typed("BOOL", 1, 1, 0)).isEqualTo(new byte[] {1, 0});
    refused(
        () -> typed("INT8", 2, 0, 128),
        Status.Code.INVALID_ARGUMENT,
        "input \"x\": 128 at element 1 (expected: an integer from -128 to 127 for datatype INT8)");
  }

  private static byte[] typed(String type, int field, long... values) {
    byte[] answer =
        client.call(
            INFER,
            request("types/" + type, "")
                .message(
                    5,
                    input("x", type, 1, values.length)
                        .message(5, contents -> contents.packed(field, values))));
    return GrpcClient.fields(answer, 6).getFirst();
  }

  @Test
  void whatDoesNotFit_isRefusedWithReasons() {
    refused(
        () ->
            client.call(
                INFER,
                request("demo/adding", "")
                    .message(
                        5,
                        input("x", "FP32", 1, 2)
                            .message(5, contents -> contents.bytes(6, floats(1, 2))))
                    .bytes(7, floats(1, 2))),
        Status.Code.INVALID_ARGUMENT,
        "input \"x\": contents beside raw_input_contents");
    refused(
        () -> infer(input("x", "FP32", 1L << 40, 1L << 40), floats(1, 2)),
        Status.Code.INVALID_ARGUMENT,
        "input \"x\": ");
    refused(
        () -> infer(input("x", "FP32", 1, 3), floats(1, 2)),
        Status.Code.INVALID_ARGUMENT,
        "8 bytes of raw_input_contents for FP32[1, 3] (expected: 3 elements of 4 bytes)");
    refused(
        () -> infer(input("x", "FP33", 1, 2), floats(1, 2)),
        Status.Code.INVALID_ARGUMENT,
        "datatype \"FP33\"");
    refused(
        () -> infer(input("x", "INT32", 1, 2), floats(1, 2)),
        Status.Code.INVALID_ARGUMENT,
        "datatype INT32 (expected: FP32)");
    refused(
        () ->
            client.call(
                INFER,
                request("demo/adding", "")
                    .message(
                        5,
                        input("x", "FP16", 1, 2)
                            .message(5, contents -> contents.bytes(6, floats(1, 2))))),
        Status.Code.INVALID_ARGUMENT,
        "contents of datatype FP16 (expected: raw_input_contents)");
    refused(
        () -> client.call(INFER, request("../../etc", "")), Status.Code.INVALID_ARGUMENT, "name");
    refused(
        () -> client.call(INFER, request("demo/adding", "").bytes(5, new byte[] {10, 100, 1})),
        Status.Code.INVALID_ARGUMENT,
        "does not follow its protocol");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SystemSharedMemoryStatus",
        "SystemSharedMemoryRegister",
        "CudaSharedMemoryUnregister"
      })
  void sharedMemory_isRefusedWithItsReason(String method) {
    refused(() -> call(method, new WireWriter()), Status.Code.UNIMPLEMENTED, "shared memory");
  }

  @Test
  void unknownMethods_areRefused_andTheConnectionGoesOn() {
    refused(
        () -> client.call("other.Service/Method", new WireWriter()),
        Status.Code.UNIMPLEMENTED,
        "no such method");
    assertThat(GrpcClient.text(call("ServerLive", new WireWriter()), 1)).isEqualTo("1");
  }

  @Test
  void aMessageBeyondTheLimit_isRefused_andTheConnectionGoesOn() {
    refused(
        () -> infer(input("x", "FP32", LIMIT, 2), new byte[8 * LIMIT]),
        Status.Code.RESOURCE_EXHAUSTED,
        "(expected: at most " + LIMIT + ")");
    assertThat(GrpcClient.text(call("ServerLive", new WireWriter()), 1)).isEqualTo("1");
  }

  @Test
  void compressedMessages_areInflated_asAreTheirAnswers() {
    byte[] zeros = new byte[8 << 10];
    byte[] answer =
        client.call(
            INFER,
            request("demo/adding", "").message(5, input("x", "FP32", 1 << 10, 2)).bytes(7, zeros),
            CallOptions.DEFAULT.withCompression("gzip"));
    assertThat(GrpcClient.fields(answer, 6).getLast()).isEqualTo(zeros);
  }

  @Test
  void whatInflatesBeyondTheLimit_isRefused() {
    refused(
        () ->
            client.call(
                INFER,
                request("demo/adding", "")
                    .message(5, input("x", "FP32", LIMIT, 2))
                    .bytes(7, new byte[8 * LIMIT]),
                CallOptions.DEFAULT.withCompression("gzip")),
        Status.Code.RESOURCE_EXHAUSTED,
        "(expected: at most " + LIMIT + ")");
  }

  @Test
  void aStream_answersInOrder_andGoesOnAfterAnError() throws Exception {
    GrpcAnswers answers = new GrpcAnswers();
    StreamObserver<byte[]> requests = client.stream(STREAM, answers, CallOptions.DEFAULT);
    for (int i = 0; i < 200; i++) {
      String model = i % 50 == 7 ? "demo/none" : "demo/adding";
      requests.onNext(
          GrpcClient.bytes(
              request(model, "r" + i)
                  .message(5, input("x", "FP32", 1, 2))
                  .bytes(7, floats(i, -i))));
    }
    requests.onCompleted();
    for (int i = 0; i < 200; i++) {
      byte[] next = answers.take();
      byte[] answer = GrpcClient.fields(next, 2).getFirst();
      assertThat(GrpcClient.text(answer, 3)).isEqualTo("r" + i);
      if (i % 50 == 7) {
        assertThat(GrpcClient.text(next, 1)).contains("no such model");
      } else {
        assertThat(GrpcClient.text(next, 1)).isEmpty();
        assertThat(GrpcClient.fields(answer, 6).getFirst()).isEqualTo(floats(i + 1, 1 - i));
        byte[] parameter = GrpcClient.fields(answer, 4).getFirst();
        assertThat(GrpcClient.text(parameter, 1)).isEqualTo("triton_final_response");
      }
    }
    assertThat(answers.end()).isEqualTo(Status.Code.OK);
  }

  @Test
  void aStreamThatIsCancelled_leavesNothingBehind() throws Exception {
    GrpcAnswers answers = new GrpcAnswers();
    StreamObserver<byte[]> requests = client.stream(STREAM, answers, CallOptions.DEFAULT);
    byte[] request =
        GrpcClient.bytes(
            request("demo/adding", "r")
                .message(5, input("x", "FP32", 1, 2))
                .bytes(7, floats(1, 2)));
    requests.onNext(request);
    answers.take();
    requests.onNext(request);
    requests.onError(Status.CANCELLED.asException());
    assertThat(answers.end()).isEqualTo(Status.Code.CANCELLED);
    assertThat(GrpcClient.text(call("ServerLive", new WireWriter()), 1)).isEqualTo("1");
  }

  @Test
  void watch_tellsTheStatusAndEndsWithItsCaller() throws Exception {
    try (GrpcClient other = new GrpcClient(server.address().getPort())) {
      GrpcAnswers answers = new GrpcAnswers();
      StreamObserver<byte[]> requests =
          other.stream("grpc.health.v1.Health/Watch", answers, CallOptions.DEFAULT);
      requests.onNext(new byte[0]);
      requests.onCompleted();
      assertThat(GrpcClient.text(answers.take(), 1)).isEqualTo("1");
      requests.onError(Status.CANCELLED.asException());
    }
  }

  @Test
  void aDeadlineThatHasPassed_isSaid() {
    assertThatThrownBy(
            () ->
                client.call(
                    "grpc.health.v1.Health/Watch",
                    new WireWriter(),
                    CallOptions.DEFAULT.withDeadlineAfter(100, TimeUnit.MILLISECONDS)))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));
  }

  @Test
  void statistics_countWhatWasAnswered() {
    infer(input("x", "FP32", 1, 2), floats(1, 2));
    byte[] statistics =
        GrpcClient.fields(call("ModelStatistics", named("demo/adding")), 1).getFirst();
    assertThat(GrpcClient.text(statistics, 1)).isEqualTo("demo/adding");
    assertThat(Long.parseLong(GrpcClient.text(statistics, 4))).isPositive();
  }

  @Test
  void configuration_hasWhatTheSignatureSays() {
    byte[] config = GrpcClient.fields(call("ModelConfig", named("demo/adding")), 1).getFirst();
    assertThat(GrpcClient.text(config, 1)).isEqualTo("demo/adding");
    assertThat(GrpcClient.text(config, 17)).isEqualTo("onnxruntime");
    byte[] input = GrpcClient.fields(config, 5).getFirst();
    assertThat(GrpcClient.text(input, 1)).isEqualTo("x");
    assertThat(GrpcClient.text(input, 2)).isEqualTo("11");
    assertThat(GrpcClient.fields(input, 4)).containsExactly(new byte[] {2});
  }

  @Test
  void repository_listsAndLoads_andRefusesWhatARequestMayNotSetUp() {
    call("RepositoryModelLoad", new WireWriter().text(2, "demo/adding"));
    byte[] ready = call("RepositoryIndex", new WireWriter().number(2, 1));
    assertThat(GrpcClient.fields(ready, 1))
        .anySatisfy(
            entry -> {
              assertThat(GrpcClient.text(entry, 1)).isEqualTo("demo/adding");
              assertThat(GrpcClient.text(entry, 2)).isEqualTo("v1");
              assertThat(GrpcClient.text(entry, 3)).isEqualTo("READY");
            });
    refused(
        () -> call("RepositoryModelLoad", new WireWriter().text(2, "demo/none")),
        Status.Code.NOT_FOUND,
        "failed to load");
    refused(
        () ->
            call(
                "RepositoryModelLoad",
                new WireWriter()
                    .text(2, "demo/adding")
                    .message(3, entry -> entry.text(1, "file:1/model.onnx"))),
        Status.Code.UNIMPLEMENTED,
        "file:1/model.onnx");
  }

  @Test
  void loadWithAConfiguration_changesHowTheModelIsServed() {
    loadWith("{\"max_batch_size\":\"16\"}");
    assertThat(largestBatch()).isEqualTo("16");
    refused(
        () -> loadWith("\"parameters\": {\"config\": {{\"max_batch_size\": \"16\"}}}"),
        Status.Code.INVALID_ARGUMENT,
        "failed to load \"demo/adding\": config 1:13: not valid JSON");
    assertThat(largestBatch()).isEqualTo("16");
    call("RepositoryModelLoad", new WireWriter().text(2, "demo/adding"));
    assertThat(largestBatch()).isEqualTo("64");
  }

  private static void loadWith(String config) {
    call(
        "RepositoryModelLoad",
        new WireWriter()
            .text(2, "demo/adding")
            .message(
                3, entry -> entry.text(1, "config").message(2, value -> value.text(3, config))));
  }

  private static String largestBatch() {
    byte[] answer = call("ModelConfig", new WireWriter().text(1, "demo/adding"));
    return GrpcClient.text(GrpcClient.fields(answer, 1).getFirst(), 4);
  }

  @Test
  void aPortOfItsOwn_servesCallsAndNoRoutes(@TempDir Path data) throws Exception {
    ServerConfig config = ServerConfig.of(data, 0);
    try (LatheServer both = LatheServer.start(config.with(config.listen().withGrpcPort(0)));
        GrpcClient second = new GrpcClient(both.grpcPort().orElseThrow());
        GrpcClient first = new GrpcClient(both.address().getPort());
        HttpClient http = HttpClient.newHttpClient()) {
      for (GrpcClient one : List.of(first, second)) {
        byte[] live = one.call(GrpcClient.SERVICE + "ServerLive", new WireWriter());
        assertThat(GrpcClient.text(live, 1)).isEqualTo("1");
      }
      URI route = URI.create("http://127.0.0.1:" + both.grpcPort().getAsInt() + "/v2/health/live");
      assertThat(
              http.send(HttpRequest.newBuilder(route).build(), HttpResponse.BodyHandlers.ofString())
                  .statusCode())
          .isEqualTo(404);
    }
    assertThat(server.grpcPort()).isEmpty();
  }

  @Test
  void settings_areShownAndChanged() {
    assertThat(GrpcClient.fields(call("TraceSetting", new WireWriter()), 1)).hasSize(5);
    assertThat(GrpcClient.fields(call("LogSettings", new WireWriter()), 1)).isNotEmpty();
    refused(
        () ->
            call(
                "TraceSetting",
                new WireWriter().message(1, entry -> entry.text(1, "trace_rat").text(2, ""))),
        Status.Code.INVALID_ARGUMENT,
        "trace_rate");
  }

  @Test
  void traceSettingsOfAModel_haveItsNameInTheForms_thatNamesHave() {
    assertThat(GrpcClient.fields(call("TraceSetting", new WireWriter().text(2, "plain")), 1))
        .hasSize(5);
    refused(
        () -> call("TraceSetting", new WireWriter().text(2, "nothing")),
        Status.Code.NOT_FOUND,
        "default/nothing");
  }

  private static byte[] call(String method, WireWriter request) {
    return client.call(GrpcClient.SERVICE + method, request);
  }

  private static byte[] infer(WireWriter input, byte[] raw) {
    return client.call(INFER, request("demo/adding", "").message(5, input).bytes(7, raw));
  }

  private static WireWriter named(String model) {
    return new WireWriter().text(1, model);
  }

  private static WireWriter request(String model, String id) {
    return new WireWriter().text(1, model).text(3, id);
  }

  private static WireWriter input(String name, String datatype, long... shape) {
    return new WireWriter().text(1, name).text(2, datatype).packed(3, shape);
  }

  private static byte[] floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes.array();
  }

  private static byte[] longs(long... values) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(values);
    return bytes.array();
  }

  private static void refused(Runnable call, Status.Code code, String message) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(code);
              assertThat(e.getStatus().getDescription()).contains(message);
            });
  }
}
