package dev.lathe.server.observe;

import dev.lathe.generate.EngineStatistics;
import dev.lathe.generate.TextForm;
import dev.lathe.generate.TextModel;
import dev.lathe.serve.LoadedModel;
import dev.lathe.serve.ModelVersion;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * How busy the engines of text models are. Three of the figures bear the names of vLLM as well:
 * routers choose a server by them.
 */
final class TextFigures {
  private static final List<Figure> FIGURES =
      List.of(
          gauge("lathe_text_waiting", "Answers that wait for a row", EngineStatistics::waiting),
          gauge("lathe_text_running", "Answers in the making", EngineStatistics::running),
          gauge("lathe_text_rows", "Answers that can be made at once", EngineStatistics::slots),
          gauge(
              "lathe_text_cache_use",
              "How full the cache is, 0 to 1, with what is kept for later",
              EngineStatistics::cacheUse),
          gauge(
              "lathe_text_cache_tokens",
              "Tokens in the cache, with those kept for later",
              EngineStatistics::cacheTokens),
          gauge(
              "lathe_text_cache_capacity",
              "Tokens that the cache has room for",
              EngineStatistics::cacheCapacity),
          gauge(
              "lathe_text_prefix_tokens",
              "Tokens of beginnings that are kept outside the rows",
              one -> one.prefixes().tokens()),
          gauge(
              "lathe_text_prefix_bytes",
              "What beginnings outside the rows take of the memory",
              one -> one.prefixes().bytes()),
          counter("requests", "Requests", one -> one.totals().requests()),
          counter(
              "finished", "Requests that were answered to the end", one -> one.totals().finished()),
          counter(
              "failures", "Requests that failed or were given up", one -> one.totals().failed()),
          counter("prompt_tokens", "Tokens of prompts", one -> one.totals().promptTokens()),
          counter(
              "cached_tokens",
              "Tokens of prompts that were in the cache",
              one -> one.totals().cachedTokens()),
          counter("answer_tokens", "Tokens of answers", one -> one.totals().answerTokens()),
          counter("steps", "Runs of the model", one -> one.totals().steps()),
          counter(
              "preemptions",
              "Answers that made room for more urgent ones",
              one -> one.totals().preemptions()),
          counter("guessed_tokens", "Tokens that were guessed", one -> one.totals().drafted()),
          counter("right_tokens", "Guesses that were right", one -> one.totals().accepted()),
          gauge("vllm:num_requests_waiting", "As lathe_text_waiting", EngineStatistics::waiting),
          gauge("vllm:num_requests_running", "As lathe_text_running", EngineStatistics::running),
          gauge("vllm:kv_cache_usage_perc", "As lathe_text_cache_use", EngineStatistics::cacheUse));

  private record Figure(
      String name, String type, String help, ToDoubleFunction<EngineStatistics> value) {}

  private TextFigures() {}

  private static Figure gauge(String name, String help, ToDoubleFunction<EngineStatistics> value) {
    return new Figure(name, "gauge", help, value);
  }

  private static Figure counter(
      String name, String help, ToDoubleFunction<EngineStatistics> value) {
    return new Figure("lathe_text_" + name + "_total", "counter", help, value);
  }

  /** Writes the figures of the text models that are open. */
  static void write(Exposition text, Collection<LoadedModel> loaded) {
    Map<String, Seen> all = new TreeMap<>();
    for (LoadedModel model : loaded) {
      Optional<TextModel> open = model.openText();
      open.ifPresent(
          one ->
              all.put(model.id().toString(), new Seen(model.id(), one.form(), one.statistics())));
    }
    writeForms(text, all.values());
    for (Figure figure : FIGURES) {
      text.family(figure.name, figure.type, figure.help);
      all.values()
          .forEach(seen -> text.sample(seen.labels(), figure.value.applyAsDouble(seen.statistics)));
    }
  }

  private static void writeForms(Exposition text, Collection<Seen> all) {
    text.family("lathe_text_info", "gauge", "How the model is held in memory; always 1");
    all.forEach(seen -> text.sample(seen.labels().and("weights", seen.form().weights().name()), 1));
    text.family("lathe_text_context", "gauge", "Tokens of prompt and answer together at most");
    all.forEach(seen -> text.sample(seen.labels(), seen.form().context()));
    text.family("lathe_text_cache_bytes", "gauge", "What the cache takes of the memory");
    all.forEach(seen -> text.sample(seen.labels(), seen.form().cacheBytes()));
  }

  private record Seen(ModelVersion model, TextForm form, EngineStatistics statistics) {
    Exposition.Labels labels() {
      return Exposition.Labels.NONE
          .and("model", model.model().toString())
          .and("version", model.version())
          .and("model_name", model.model().toString());
    }
  }
}
