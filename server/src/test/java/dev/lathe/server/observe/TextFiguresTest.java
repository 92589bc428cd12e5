package dev.lathe.server.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.generate.Ending;
import dev.lathe.generate.GenerateRequest;
import dev.lathe.generate.TextStream;
import dev.lathe.ir.Model;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.registry.Content;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.Release;
import dev.lathe.registry.Signature;
import dev.lathe.serve.Deployments;
import dev.lathe.serve.Lease;
import dev.lathe.serve.Selector;
import dev.lathe.serve.ServeObserver;
import dev.lathe.serve.ServeOptions;
import dev.lathe.zoo.Gpt;
import dev.lathe.zoo.Llama;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextFiguresTest {
  private static final ModelName NAME = ModelName.parse("demo/poet");

  @TempDir private Path folder;

  @Test
  void openTextModels_showWhatTheyDo() {
    Model model =
        new Llama(96, 64, new Llama.Size(64, 96, 2, 4, 2), Llama.Constants.STANDARD, Gpt.Head.OWN)
            .build(3);
    Metadata metadata =
        new Metadata(
            "text-generation", List.of(), Signature.of(model), Metadata.NONE.lineage(), Map.of());
    ServeOptions options = ServeOptions.defaults("prod").withMemory(256L << 20);
    try (Registry registry = Registry.open(folder);
        Deployments deployments = new Deployments(registry, options, new ServeObserver() {})) {
      registry.publish(
          NAME, Release.of(Content.of(OnnxFile.toBytes(model)), metadata, "For a test"));
      try (Lease lease = deployments.acquire(NAME, Selector.version("v1"));
          TextStream stream =
              lease
                  .model()
                  .text()
                  .generate(
                      GenerateRequest.of(
                          new int[] {5, 6, 7}, Ending.after(4).ignoringEndTokens()))) {
        while (stream.next().isPresent()) {
          // until its end
        }
        String labels = "{model=\"demo/poet\",version=\"v1\",model_name=\"demo/poet\"} ";
        String figures =
            scrapeUntil(
                deployments,
                "lathe_text_finished_total" + labels + "1\n",
                "lathe_text_cache_tokens" + labels + "6\n");
        assertThat(figures)
            .contains("# TYPE lathe_text_waiting gauge\n")
            .contains("lathe_text_rows" + labels + "16\n")
            .contains("lathe_text_prompt_tokens_total" + labels + "3\n")
            .contains("lathe_text_answer_tokens_total" + labels + "4\n")
            .contains("lathe_text_prefix_bytes" + labels + "0\n")
            .contains("lathe_text_requests_total" + labels + "1\n")
            .contains("lathe_text_finished_total" + labels + "1\n")
            .contains("lathe_text_cache_tokens" + labels + "6\n")
            .contains("lathe_text_cache_capacity" + labels + 16 * 64 + "\n")
            .contains("vllm:num_requests_waiting" + labels + "0\n")
            .contains("lathe_model_leases{model=\"demo/poet\",version=\"v1\"} 1\n");
      }
      requireGivenBack(new ServingFigures(deployments).scrape());
    }
  }

  /** The end of an answer is told to its reader some moments before it is counted, row by row. */
  private static String scrapeUntil(Deployments deployments, String... counted) {
    long end = System.nanoTime() + 20_000_000_000L;
    String figures = new ServingFigures(deployments).scrape();
    while (!Stream.of(counted).allMatch(figures::contains) && System.nanoTime() - end < 0) {
      Thread.onSpinWait();
      figures = new ServingFigures(deployments).scrape();
    }
    return figures;
  }

  private static void requireGivenBack(String figures) {
    String version = "{model=\"demo/poet\",version=\"v1\"} ";
    assertThat(figures)
        .contains("lathe_model_leases" + version + "0\n")
        .contains("lathe_memory_budget_bytes " + (256 << 20) + "\n");
    String charge = figures.replaceAll("(?s).*lathe_model_charged_bytes\\{[^}]*} (\\d+)\n.*", "$1");
    assertThat(Long.parseLong(charge)).isPositive();
    assertThat(figures).contains("lathe_memory_charged_bytes " + charge + "\n");
  }
}
