package dev.lathe.server.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.Tensor;
import dev.lathe.registry.ModelName;
import dev.lathe.serve.InferRequest;
import dev.lathe.serve.InferResponse;
import dev.lathe.serve.ModelVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(30)
class RequestTracesTest {
  private static final ModelVersion MODEL = new ModelVersion(ModelName.parse("demo/m"), "v3");

  @TempDir Path folder;

  @Test
  void tracedRequest_hasItsTimesInOrderAndItsTensors() throws Exception {
    TraceSettings settings = new TraceSettings("trace.json", name -> true);
    Path file = folder.resolve("trace.json");
    try (RequestTraces traces = new RequestTraces(settings, file)) {
      traces.answered(MODEL, request(), response());
      settings.change("", Map.of("trace_level", List.of("TIMESTAMPS"), "trace_rate", List.of("1")));
      new Observed("r-1").during(() -> traces.answered(MODEL, request(), response()));
      settings.change("", Map.of("trace_level", List.of("TENSORS")));
      traces.answered(MODEL, request(), response());
      assertThat(traces.flush()).isTrue();
      assertThat(traces.dropped()).isZero();
    }
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(2);
    JsonNode times = JsonMapper.shared().readTree(lines.getFirst());
    assertThat(times.get("id").asLong()).isEqualTo(1);
    assertThat(times.get("model_name").asString()).isEqualTo("demo/m");
    assertThat(times.get("model_version").asLong()).isEqualTo(3);
    assertThat(times.get("request_id").asString()).isEqualTo("r-1");
    assertThat(times.has("activity")).isFalse();
    List<Long> nanos =
        times.get("timestamps").valueStream().map(stamp -> stamp.get("ns").asLong()).toList();
    assertThat(nanos).hasSize(7).isSorted();
    assertThat(nanos.get(2) - nanos.get(1)).isEqualTo(10);
    assertThat(nanos.get(4) - nanos.get(3)).isEqualTo(30);
    JsonNode tensors = JsonMapper.shared().readTree(lines.getLast()).get("activity");
    assertThat(tensors.get(0).toString())
        .contains("TENSOR_QUEUE_INPUT", "\"data\":\"1.5,2.0\"", "\"shape\":\"1,2\"", "FP32");
    assertThat(tensors.get(1).toString())
        .contains("TENSOR_BACKEND_OUTPUT", "\"data\":\"7\"", "INT64");
  }

  private static InferRequest request() {
    return InferRequest.of(Map.of("x", Tensor.ofFloats(new float[] {1.5f, 2}, 1, 2)));
  }

  private static InferResponse response() {
    return new InferResponse(
        Map.of("y", Tensor.ofLongs(new long[] {7}, 1)),
        new InferResponse.Timing(10, 20, 30, 40, 1, 1, 0));
  }
}
