package dev.lathe.server.oip;

import dev.lathe.serve.ModelStatistics;
import dev.lathe.server.infer.Inference;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Statistics as JSON, as the statistics extension has them.
 *
 * @see <a
 *     href="https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_statistics.md">statistics
 *     extension</a>
 */
final class StatisticsJson {
  private StatisticsJson() {}

  static Map<String, Object> of(List<ModelStatistics> all) {
    return Map.of("model_stats", all.stream().map(StatisticsJson::of).toList());
  }

  private static Map<String, Object> of(ModelStatistics model) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", Inference.shown(model.model().model()));
    json.put("version", model.model().version());
    json.put("last_inference", model.lastInferenceMillis());
    json.put("inference_count", model.inferences());
    json.put("execution_count", model.executions());
    json.put("inference_stats", totals(model.totals()));
    json.put("response_stats", Map.of());
    json.put("batch_stats", model.batches().stream().map(StatisticsJson::batch).toList());
    json.put("memory_usage", model.memory().stream().map(StatisticsJson::memory).toList());
    return json;
  }

  private static Map<String, Object> totals(ModelStatistics.Totals totals) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("success", total(totals.success()));
    json.put("fail", total(totals.fail()));
    json.put("queue", total(totals.queue()));
    json.put("compute_input", total(totals.computeInput()));
    json.put("compute_infer", total(totals.computeInfer()));
    json.put("compute_output", total(totals.computeOutput()));
    json.put("cache_hit", total(totals.cacheHit()));
    json.put("cache_miss", total(totals.cacheMiss()));
    return json;
  }

  private static Map<String, Object> batch(ModelStatistics.OfSize size) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("batch_size", size.batchSize());
    json.put("compute_input", total(size.computeInput()));
    json.put("compute_infer", total(size.computeInfer()));
    json.put("compute_output", total(size.computeOutput()));
    return json;
  }

  private static Map<String, Object> memory(ModelStatistics.Memory memory) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("type", memory.type());
    json.put("id", memory.id());
    json.put("byte_size", memory.bytes());
    return json;
  }

  private static Map<String, Object> total(ModelStatistics.Total total) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("count", total.count());
    json.put("ns", total.nanos());
    return json;
  }
}
