package dev.lathe.server.oip;

import dev.lathe.serve.BatchPolicy;
import dev.lathe.serve.Tuned;
import dev.lathe.server.infer.ModelConfig;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A model's configuration as JSON, with the names of Triton's model_config.proto. */
final class ConfigJson {
  private ConfigJson() {}

  static Map<String, Object> of(ModelConfig config) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", config.name());
    json.put("platform", ModelConfig.PLATFORM);
    json.put("backend", ModelConfig.BACKEND);
    json.put("version_policy", Map.of("specific", Map.of("versions", List.of(number(config)))));
    json.put("max_batch_size", config.maxBatchSize());
    json.put("input", config.inputs().stream().map(port -> port(port, true)).toList());
    json.put("output", config.outputs().stream().map(port -> port(port, false)).toList());
    json.put("instance_group", List.of(instances(config)));
    json.put("default_model_filename", "model.onnx");
    if (config.maxBatchSize() > 0) {
      json.put("dynamic_batching", batching(config.policy()));
    }
    json.put("model_transaction_policy", Map.of("decoupled", false));
    Map<String, Object> parameters = new LinkedHashMap<>();
    config.parameters().forEach((key, value) -> parameters.put(key, Map.of("string_value", value)));
    json.put("parameters", parameters);
    return json;
  }

  private static long number(ModelConfig config) {
    return Long.parseLong(config.version().substring(1));
  }

  private static Map<String, Object> port(ModelConfig.Port port, boolean input) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", port.name());
    json.put("data_type", port.dataType());
    if (input) {
      json.put("format", port.format());
    }
    json.put("dims", port.dims());
    if (input) {
      json.put("optional", false);
    }
    return json;
  }

  private static Map<String, Object> instances(ModelConfig config) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", config.name());
    json.put("kind", "KIND_CPU");
    json.put(
        "count",
        config.policy().instances() instanceof Tuned.Fixed<Integer>(var count) ? count : 1);
    return json;
  }

  private static Map<String, Object> batching(BatchPolicy policy) {
    Map<String, Object> json = new LinkedHashMap<>();
    if (policy.maxDelay() instanceof Tuned.Fixed<Duration>(Duration delay)) {
      json.put("max_queue_delay_microseconds", delay.toNanos() / 1000);
    }
    json.put("priority_levels", policy.priorities().levels());
    json.put("default_priority_level", policy.priorities().usual());
    json.put(
        "default_queue_policy",
        Map.of(
            "timeout_action",
            "REJECT",
            "default_timeout_microseconds",
            policy.timeout().toNanos() / 1000,
            "allow_timeout_override",
            true,
            "max_queue_size",
            policy.queueCapacity()));
    return json;
  }
}
