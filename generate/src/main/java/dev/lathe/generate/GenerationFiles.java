package dev.lathe.generate;

import dev.lathe.generate.engine.Ends;
import dev.lathe.ir.LatheException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * What the files of Hugging Face beside a model say about its answers.
 *
 * @param ends what ends an answer by itself
 * @param sampling how tokens are drawn
 */
record GenerationFiles(Ends ends, Sampling sampling) {
  private static final int LONGEST_FILE = 4 << 20;

  /**
   * Reads {@code generation_config.json} and {@code config.json}, as far as there.
   *
   * @throws LatheException BAD_MODEL
   */
  static GenerationFiles read(Path folder) {
    JsonNode generation = json(folder.resolve("generation_config.json"));
    JsonNode config = json(folder.resolve("config.json"));
    JsonNode ends = generation.path("eos_token_id");
    if (ends.isMissingNode() || ends.isNull()) {
      ends = config.path("eos_token_id");
    }
    List<String> stops = texts(generation.path("stop_strings")).stream().distinct().toList();
    requireStops(stops);
    return new GenerationFiles(new Ends(tokens(ends), stops), sampling(generation));
  }

  /** Every answer is searched for every stop. */
  private static void requireStops(List<String> stops) {
    if (stops.size() > StopText.MOST) {
      throw bad("stop_strings: " + stops.size() + " (expected: at most " + StopText.MOST + ")");
    }
    for (String stop : stops) {
      if (stop.length() > StopText.LONGEST) {
        throw bad(
            "stop_strings: one of %d characters (expected: at most %d)"
                .formatted(stop.length(), StopText.LONGEST));
      }
    }
  }

  private static List<String> texts(JsonNode said) {
    List<String> texts = new ArrayList<>();
    if (said.isArray()) {
      said.forEach(one -> texts.addAll(texts(one)));
    } else if (said.isString() && !said.stringValue().isEmpty()) {
      texts.add(said.stringValue());
    } else if (!said.isMissingNode() && !said.isNull()) {
      throw bad("stop_strings: " + said + " (expected: a text, or a list of texts)");
    }
    return texts;
  }

  /** Refuses end tokens that the model does not know. */
  void requireWithin(int vocabulary) {
    for (int token : ends.tokens()) {
      if (token >= vocabulary) {
        throw bad("eos_token_id: " + token + " (expected: 0 to " + (vocabulary - 1) + ")");
      }
    }
  }

  private static Set<Integer> tokens(JsonNode said) {
    Set<Integer> tokens = new LinkedHashSet<>();
    if (said.isArray()) {
      said.forEach(one -> tokens.addAll(tokens(one)));
    } else if (said.isInt() && said.intValue() >= 0) {
      tokens.add(said.intValue());
    } else if (!said.isMissingNode() && !said.isNull()) {
      throw bad("eos_token_id: " + said + " (expected: a token's number, or a list of them)");
    }
    return tokens;
  }

  private static Sampling sampling(JsonNode said) {
    if (!said.path("do_sample").asBoolean(false)) {
      return Sampling.PLAIN;
    }
    Sampling plain = Sampling.PLAIN;
    return plain
        .withTemperature(number(said, "temperature").orElse(1.0))
        .withTopK((int) (double) number(said, "top_k").orElse(0.0))
        .withTopP(number(said, "top_p").orElse(1.0))
        .withMinP(number(said, "min_p").orElse(0.0))
        .withTypical(number(said, "typical_p").orElse(1.0))
        .withPenalties(
            new Sampling.Penalties(number(said, "repetition_penalty").orElse(1.0), 0, 0));
  }

  private static Optional<Double> number(JsonNode said, String name) {
    JsonNode value = said.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isNumber()) {
      throw bad(name + ": " + value + " (expected: a number)");
    }
    return Optional.of(value.doubleValue());
  }

  private static JsonNode json(Path file) {
    if (!Files.isRegularFile(file)) {
      return JsonNodeFactory.instance.objectNode();
    }
    try {
      if (Files.size(file) > LONGEST_FILE) {
        throw bad(file.getFileName() + ": more than " + LONGEST_FILE + " bytes");
      }
      return JsonMapper.shared().readTree(Files.readString(file));
    } catch (IOException | JacksonException e) {
      throw new LatheException(
          GenerateError.BAD_MODEL, file.getFileName() + ": cannot be read as JSON", e);
    }
  }

  private static LatheException bad(String what) {
    return new LatheException(GenerateError.BAD_MODEL, what);
  }
}
