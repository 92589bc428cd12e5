package dev.lathe.server.openai;

import dev.lathe.server.tuning.TuningWish;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Reads what a fine-tuning job is asked for. Whatever is not understood is refused by name. */
final class TuningBody {
  private static final int MOST_EPOCHS = 50;
  private static final int MOST_BATCH = 256;
  private static final double MOST_RATE = 10_000;
  private static final int MOST_NOTES = 16;
  private static final int LONGEST_KEY = 64;
  private static final int LONGEST_NOTE = 512;
  private static final Pattern SUFFIX = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

  private TuningBody() {}

  static TuningWish read(Fields body) {
    String model = body.needText("model");
    String training = body.needText("training_file");
    Optional<String> validation = body.text("validation_file");
    Optional<String> suffix = body.text("suffix");
    suffix
        .filter(text -> !SUFFIX.matcher(text).matches())
        .ifPresent(
            text -> {
              throw Fields.bad(
                  "suffix", Fields.shown(body.node("suffix")), "1 to 64 of letters, digits, . _ -");
            });
    Optional<Long> seed = body.whole("seed", 0, Integer.MAX_VALUE);
    JsonNode integrations = body.node("integrations");
    if (!integrations.isMissingNode() && !(integrations.isArray() && integrations.isEmpty())) {
      throw Fields.bad("integrations", Fields.shown(integrations), "none: there are none here");
    }
    Map<String, String> metadata = metadata(body.node("metadata"));
    Fields settings = settings(body);
    body.end();
    TuningWish wish =
        new TuningWish(
            model,
            training,
            validation,
            suffix,
            seed,
            whole(settings, "n_epochs", MOST_EPOCHS),
            whole(settings, "batch_size", MOST_BATCH),
            isAuto(settings, "learning_rate_multiplier")
                ? Optional.empty()
                : settings.number("learning_rate_multiplier", 1e-6, MOST_RATE),
            metadata);
    settings.end();
    return wish;
  }

  /** They stand in the method, or where they stood before there were methods. */
  private static Fields settings(Fields body) {
    if (!body.has("method")) {
      return body.has("hyperparameters")
          ? Fields.of(body.node("hyperparameters"), "hyperparameters")
          : Fields.of(Bodies.JSON.createObjectNode(), "hyperparameters");
    }
    if (body.has("hyperparameters")) {
      throw Fields.bad(
          "hyperparameters", "beside a method", "method.supervised.hyperparameters only");
    }
    Fields method = Fields.of(body.node("method"), "method");
    String type = method.needText("type");
    if (!type.equals("supervised")) {
      throw Fields.bad("method.type", "\"" + type + "\"", "supervised");
    }
    String path = "method.supervised";
    boolean said = method.has("supervised");
    Fields supervised =
        Fields.of(said ? method.node("supervised") : Bodies.JSON.createObjectNode(), path);
    method.end();
    JsonNode node = supervised.node("hyperparameters");
    supervised.end();
    return Fields.of(
        node.isMissingNode() ? Bodies.JSON.createObjectNode() : node, path + ".hyperparameters");
  }

  private static boolean isAuto(Fields settings, String name) {
    return settings.node(name).asString("").equals("auto");
  }

  private static Optional<Integer> whole(Fields settings, String name, int most) {
    return isAuto(settings, name)
        ? Optional.empty()
        : settings.whole(name, 1, most).map(Math::toIntExact);
  }

  private static Map<String, String> metadata(JsonNode node) {
    Map<String, String> metadata = new LinkedHashMap<>();
    if (node.isMissingNode()) {
      return metadata;
    }
    if (!node.isObject() || node.size() > MOST_NOTES) {
      throw Fields.bad("metadata", Fields.shown(node), "an object of at most 16 texts");
    }
    node.forEachEntry(
        (key, value) -> {
          boolean fits =
              key.length() <= LONGEST_KEY
                  && value.isString()
                  && value.stringValue().length() <= LONGEST_NOTE;
          if (!fits) {
            String shown = key.length() > LONGEST_KEY ? key.substring(0, LONGEST_KEY) + "…" : key;
            throw Fields.bad(
                "metadata." + shown,
                Fields.shown(value),
                "keys of at most 64 characters, texts of at most 512");
          }
          metadata.put(key, value.stringValue());
        });
    return metadata;
  }
}
