package dev.lathe.server.observe;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import dev.lathe.registry.Datatype;
import dev.lathe.serve.InferRequest;
import dev.lathe.serve.InferResponse;
import dev.lathe.serve.ModelVersion;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes the requests that {@link TraceSettings} choose to a file, one JSON object in a line, with
 * the names of Triton's trace records. Times are nanoseconds since 1970. Of a tensor's values the
 * first thousand are written.
 */
public final class RequestTraces implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final LineFile.Size SIZE = new LineFile.Size(64L << 20, 8);
  private static final int MOST_VALUES = 1000;

  private final TraceSettings settings;
  private final LineFile file;
  private final AtomicLong number = new AtomicLong();

  /**
   * Traces what the settings say.
   *
   * @param settings which requests
   * @param file where to
   */
  public RequestTraces(TraceSettings settings, Path file) {
    this.settings = settings;
    this.file = new LineFile(file, SIZE);
  }

  /**
   * A request was answered just now.
   *
   * @param model by which version
   * @param request what was asked
   * @param response the answer
   */
  public void answered(ModelVersion model, InferRequest request, InferResponse response) {
    String name = model.model().toString();
    TraceSettings.Level level = settings.next(name);
    if (level == TraceSettings.Level.OFF) {
      return;
    }
    Map<String, Object> trace = new LinkedHashMap<>();
    trace.put("id", number.incrementAndGet());
    trace.put("model_name", name);
    trace.put("model_version", Long.parseLong(model.version().substring(1)));
    Observed seen = Observed.current();
    if (!seen.id().isEmpty()) {
      trace.put("request_id", seen.id());
    }
    trace.put("timestamps", timestamps(seen, response.timing()));
    if (level == TraceSettings.Level.TENSORS) {
      List<Object> tensors = new ArrayList<>();
      request.inputs().forEach((n, t) -> tensors.add(tensor("TENSOR_QUEUE_INPUT", n, t)));
      response.outputs().forEach((n, t) -> tensors.add(tensor("TENSOR_BACKEND_OUTPUT", n, t)));
      trace.put("activity", tensors);
    }
    file.linesPerFile(settings.frequency(name));
    file.append(() -> JSON.writeValueAsString(trace));
  }

  /**
   * Waits until what was traced is in the file.
   *
   * @return whether it is
   */
  public boolean flush() {
    return file.flush();
  }

  /**
   * Traces that are lost.
   *
   * @return how many could not be written
   */
  public long dropped() {
    return file.dropped();
  }

  private static List<Object> timestamps(Observed seen, InferResponse.Timing timing) {
    Instant now = Instant.now();
    long end = now.getEpochSecond() * 1_000_000_000 + now.getNano();
    long queued = end - timing.computeNanos() - timing.queueNanos();
    long begun = seen.id().isEmpty() ? queued : end - (System.nanoTime() - seen.start());
    long computed = queued + timing.queueNanos();
    long joined = computed + timing.inputNanos();
    return List.of(
        stamp("REQUEST_START", Math.min(begun, queued)),
        stamp("QUEUE_START", queued),
        stamp("COMPUTE_START", computed),
        stamp("COMPUTE_INPUT_END", joined),
        stamp("COMPUTE_OUTPUT_START", joined + timing.inferNanos()),
        stamp("COMPUTE_END", end),
        stamp("REQUEST_END", end));
  }

  private static Map<String, Object> stamp(String name, long nanos) {
    return Map.of("name", name, "ns", nanos);
  }

  private static Map<String, Object> tensor(String activity, String name, Tensor tensor) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("name", name);
    shown.put("data", values(tensor));
    StringJoiner shape = new StringJoiner(",");
    for (long dim : tensor.dims()) {
      shape.add(Long.toString(dim));
    }
    shown.put("shape", shape.toString());
    shown.put("dtype", Datatype.nameOf(tensor.type()));
    return Map.of("activity", activity, "tensor", shown);
  }

  private static String values(Tensor tensor) {
    StringJoiner values = new StringJoiner(",");
    int shown = (int) Math.min(MOST_VALUES, tensor.size());
    for (int i = 0; i < shown; i++) {
      values.add(value(tensor, i));
    }
    return values.toString();
  }

  private static String value(Tensor tensor, int index) {
    ElementType type = tensor.type();
    if (type == ElementType.STRING) {
      return tensor.strings().get(index);
    }
    if (type == ElementType.FLOAT) {
      return Float.toString((float) tensor.doubleAt(index));
    }
    if (type.isFloating()) {
      return Double.toString(tensor.doubleAt(index));
    }
    return type == ElementType.UINT64
        ? Long.toUnsignedString(tensor.longAt(index))
        : Long.toString(tensor.longAt(index));
  }

  @Override
  public void close() {
    file.close();
  }
}
