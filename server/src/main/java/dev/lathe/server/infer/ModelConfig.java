package dev.lathe.server.infer;

import dev.lathe.generate.TextModel;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Shape;
import dev.lathe.ir.ValueInfo;
import dev.lathe.registry.Datatype;
import dev.lathe.serve.BatchPolicy;
import dev.lathe.serve.LoadedModel;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model as the model configuration extension describes it. What our signature does not say is
 * left out.
 *
 * @param name the model's name
 * @param version {@code v<N>}
 * @param maxBatchSize rows that share a run at most; 0 if the first axis is no batch
 * @param inputs what a request needs
 * @param outputs what an answer has
 * @param policy how requests wait and run
 * @param parameters by name: threads inside a run, and how a text model that is open is held
 * @see <a
 *     href="https://github.com/triton-inference-server/common/blob/main/protobuf/model_config.proto">model_config.proto</a>
 */
public record ModelConfig(
    String name,
    String version,
    int maxBatchSize,
    List<Port> inputs,
    List<Port> outputs,
    BatchPolicy policy,
    Map<String, String> parameters) {
  /** The extension's name of how models are stored. */
  public static final String PLATFORM = "onnxruntime_onnx";

  /** The extension's name of what runs them. */
  public static final String BACKEND = "onnxruntime";

  /** The backend's name of how many threads share the work inside one run. */
  private static final String THREADS = "intra_op_thread_count";

  private static final List<Long> CHANNELS = List.of(1L, 3L, 4L);

  /** Copies the lists. */
  public ModelConfig {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
  }

  /**
   * An input or output.
   *
   * @param name its name
   * @param dataType {@code TYPE_FP32}, …; {@code TYPE_STRING} for BYTES
   * @param format {@code FORMAT_NCHW} or {@code FORMAT_NHWC} for three axes of which one has the
   *     size of an image's channels, else {@code FORMAT_NONE}
   * @param dims sizes without the batch, -1 where any will do
   */
  public record Port(String name, String dataType, String format, List<Long> dims) {
    private static Port of(ValueInfo value, boolean batched) {
      ElementType type = value.tensorType().element();
      Shape shape = value.tensorType().shape();
      long[] sizes =
          shape.ranked()
              ? shape.dims().stream().mapToLong(Dim::sizeOrMinusOne).toArray()
              : new long[] {-1};
      List<Long> dims = Arrays.stream(sizes).skip(batched ? 1 : 0).boxed().toList();
      String name = type == ElementType.STRING ? "STRING" : Datatype.nameOf(type);
      return new Port(value.name(), "TYPE_" + name, format(dims), dims);
    }

    private static String format(List<Long> dims) {
      if (dims.size() != 3) {
        return "FORMAT_NONE";
      }
      if (CHANNELS.contains(dims.getFirst())) {
        return "FORMAT_NCHW";
      }
      return CHANNELS.contains(dims.getLast()) ? "FORMAT_NHWC" : "FORMAT_NONE";
    }
  }

  /**
   * The configuration of a loaded model.
   *
   * @param model the model
   * @return its configuration
   */
  public static ModelConfig of(LoadedModel model) {
    boolean batched = model.joinable();
    return new ModelConfig(
        Inference.shown(model.id().model()),
        model.id().version(),
        batched ? model.policy().maxRows() : 0,
        model.inputs().stream().map(input -> Port.of(input, batched)).toList(),
        model.outputs().stream().map(output -> Port.of(output, batched)).toList(),
        model.policy(),
        parameters(model));
  }

  private static Map<String, String> parameters(LoadedModel model) {
    Map<String, String> parameters = new LinkedHashMap<>();
    if (!model.inputs().isEmpty()) {
      parameters.put(THREADS, Integer.toString(model.policy().threads()));
    }
    model
        .openText()
        .map(TextModel::form)
        .ifPresent(
            form -> {
              parameters.put("text_weights", form.weights().name());
              parameters.put("text_slots", Integer.toString(form.slots()));
              parameters.put("text_context", Integer.toString(form.context()));
              parameters.put("text_cache_bytes", Long.toString(form.cacheBytes()));
            });
    return parameters;
  }
}
