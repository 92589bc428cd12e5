package dev.lathe.server.tasks;

import dev.lathe.prepare.Encoded;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Features of texts as one vector each, as the files of sentence-transformers beside the model say:
 * {@code modules.json} and the pooling that it names.
 *
 * @param pooling how features of tokens become those of a text
 * @param normalize whether vectors have length 1
 */
record Embedding(Pooling pooling, boolean normalize) {
  private static final String FEATURES = "last_hidden_state";
  private static final String PACKAGE = "sentence_transformers.";

  /** How features of tokens become those of a text. */
  enum Pooling {
    MEAN,
    CLS,
    MAX,
    LAST
  }

  /** As asked for, else as the files say, else the mean with length 1. */
  static Embedding of(TaskModel model, Optional<String> pooling, Optional<Boolean> normalize) {
    if (model.axes(FEATURES) != 3) {
      throw model.isNo(FEATURES + ", of a model for feature-extraction");
    }
    Embedding told = told(model);
    Pooling how =
        pooling
            .map(
                word -> {
                  for (Pooling known : Pooling.values()) {
                    if (known.name().equalsIgnoreCase(word)) {
                      return known;
                    }
                  }
                  throw Bounds.bad("pooling: \"" + word + "\" (expected: mean, cls, max or last)");
                })
            .orElse(told.pooling());
    return new Embedding(how, normalize.orElse(told.normalize()));
  }

  private static Embedding told(TaskModel model) {
    JsonNode modules = model.files().json("modules.json");
    if (!modules.isArray()) {
      return new Embedding(Pooling.MEAN, true);
    }
    Pooling pooling = Pooling.MEAN;
    boolean normalize = false;
    for (JsonNode module : modules) {
      String type = module.path("type").asString("");
      String name = type.substring(type.lastIndexOf('.') + 1);
      switch (type.startsWith(PACKAGE) ? name : type) {
        case "Transformer" -> {}
        case "Pooling" -> pooling = pooling(model, module.path("path").asString(""));
        case "Normalize" -> normalize = true;
        default ->
            throw model.isNo("modules.json of Transformer, Pooling and Normalize, not " + type);
      }
    }
    return new Embedding(pooling, normalize);
  }

  private static Pooling pooling(TaskModel model, String path) {
    if (!path.matches("[A-Za-z0-9_]{1,64}")) {
      throw model.isNo("modules.json with a plain path of its pooling, not \"" + path + "\"");
    }
    JsonNode config = model.files().json(path + "/config.json");
    List<String> on = new ArrayList<>();
    config.forEachEntry(
        (key, value) -> {
          if (key.startsWith("pooling_mode_") && value.asBoolean(false)) {
            on.add(key.substring("pooling_mode_".length()));
          }
        });
    return switch (String.join(" ", on)) {
      case "mean_tokens", "" -> Pooling.MEAN;
      case "cls_token" -> Pooling.CLS;
      case "max_tokens" -> Pooling.MAX;
      case "lasttoken" -> Pooling.LAST;
      case String other ->
          throw model.isNo(
              "pooling_mode_mean_tokens, _cls_token, _max_tokens or _lasttoken alone, not "
                  + other.toLowerCase(Locale.ROOT));
    };
  }

  /** One vector for each text, in double precision. */
  List<double[]> vectors(TaskModel model, Runs runs, List<Encoded> texts) {
    return new EncoderRows(model, runs)
        .run(
            texts,
            List.of(FEATURES),
            (i, given) -> pooled(given.get(FEATURES), texts.get(i).length()));
  }

  private double[] pooled(float[] features, int tokens) {
    int width = features.length / Math.max(1, tokens);
    double[] vector = new double[width];
    for (int d = 0; d < width; d++) {
      vector[d] =
          switch (pooling) {
            case CLS -> features[d];
            case LAST -> features[(tokens - 1) * width + d];
            case MEAN -> mean(features, d, width);
            case MAX -> max(features, d, width);
          };
    }
    return vector;
  }

  private static double mean(float[] features, int from, int width) {
    double sum = 0;
    for (int i = from; i < features.length; i += width) {
      sum += features[i];
    }
    return sum / (features.length / width);
  }

  private static double max(float[] features, int from, int width) {
    double highest = Double.NEGATIVE_INFINITY;
    for (int i = from; i < features.length; i += width) {
      highest = Math.max(highest, features[i]);
    }
    return highest;
  }

  /** The first numbers of a vector, of length 1 if vectors have it. */
  double[] finished(double[] vector, int dimensions) {
    double[] kept = java.util.Arrays.copyOf(vector, dimensions);
    return normalize ? unit(kept) : kept;
  }

  /** In the direction of a vector; zeros stay zeros. */
  static double[] unit(double[] vector) {
    double sum = 0;
    for (double number : vector) {
      sum += number * number;
    }
    double length = Math.sqrt(sum);
    double[] unit = vector.clone();
    for (int d = 0; d < unit.length && length > 0; d++) {
      unit[d] /= length;
    }
    return unit;
  }
}
