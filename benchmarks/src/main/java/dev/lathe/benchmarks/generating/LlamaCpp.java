package dev.lathe.benchmarks.generating;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The same shape by llama.cpp, through node-llama-cpp with its natives for this processor, if it is
 * installed in {@code benchmarks/peers/llama-cpp} or where the variable {@code LATHE_LLAMA_CPP}
 * says.
 */
final class LlamaCpp {
  /** Its formats of 4 and 8 bits in blocks of 32, the head of 8 bits beside both. */
  enum Kind {
    Q4_0(4.5),
    Q8_0(8.5);

    private final double bits;

    Kind(double bits) {
      this.bits = bits;
    }

    long bytes(long weights) {
      return (long) (weights * bits / 8);
    }
  }

  private LlamaCpp() {}

  static Optional<Speeds> measure(Kind kind, Scale scale, int tries, Path folder) {
    Map<String, Object> order = order(kind, scale, folder);
    order.put("tries", tries);
    return answer(order, folder)
        .map(told -> new Speeds(numbers(told.get("read")), numbers(told.get("written"))));
  }

  static Optional<Arrivals.Waits> waits(Kind kind, Scale scale, Arrivals arrivals, Path folder) {
    Map<String, Object> order = order(kind, scale, folder);
    order.put("arrivals", arrivals.seconds());
    return answer(order, folder)
        .map(told -> new Arrivals.Waits(within(told.get("first")), within(told.get("next"))));
  }

  private static Arrivals.Within within(JsonNode millis) {
    List<Double> all = new ArrayList<>();
    millis.forEach(each -> all.add(each.asDouble()));
    return Arrivals.Within.of(all);
  }

  private static Optional<JsonNode> answer(Map<String, Object> order, Path folder) {
    Path peer = Path.of("peers/llama-cpp").toAbsolutePath();
    String own = System.getenv("LATHE_LLAMA_CPP");
    Path modules = (own == null ? peer : Path.of(own)).resolve("node_modules");
    if (!Files.isDirectory(modules.resolve("node-llama-cpp"))) {
      return Optional.empty();
    }
    try {
      Path script = folder.resolve("bench.mjs");
      Files.copy(peer.resolve("bench.mjs"), script, StandardCopyOption.REPLACE_EXISTING);
      Path linked = folder.resolve("node_modules");
      if (!Files.exists(linked)) {
        Files.createSymbolicLink(linked, modules);
      }
      Process process =
          new ProcessBuilder(
                  "node", script.toString(), JsonMapper.shared().writeValueAsString(order))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      String answer = new String(process.getInputStream().readAllBytes()).strip();
      return process.waitFor() == 0 && !answer.isEmpty()
          ? Optional.of(
              JsonMapper.shared().readTree(answer.substring(answer.lastIndexOf('\n') + 1)))
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private static Map<String, Object> order(Kind kind, Scale scale, Path folder) {
    Map<String, Object> order = new LinkedHashMap<>();
    order.put("file", folder.resolve(kind + ".gguf").toString());
    order.put("kind", kind.name());
    order.put("vocabulary", scale.vocabulary());
    order.put("width", scale.size().width());
    order.put("inner", scale.size().inner());
    order.put("layers", scale.size().layers());
    order.put("heads", scale.size().heads());
    order.put("keyHeads", scale.size().keyHeads());
    order.put("capacity", scale.capacity());
    order.put("prompts", scale.prompts());
    order.put("streams", scale.streams());
    order.put("begun", scale.begun());
    order.put("steps", scale.steps());
    return order;
  }

  private static Map<Integer, Double> numbers(JsonNode told) {
    Map<Integer, Double> numbers = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> each : List.copyOf(told.properties())) {
      numbers.put(Integer.parseInt(each.getKey()), each.getValue().asDouble());
    }
    return numbers;
  }
}
