package dev.lathe.server.openai;

import dev.lathe.ir.LatheException;
import dev.lathe.server.Classified;
import dev.lathe.server.ClassifyRequest;
import dev.lathe.server.OpenAiConfig;
import dev.lathe.server.ServerError;
import dev.lathe.server.Texts;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code POST /v1/moderations}, over any classifier of texts: its labels are the categories, and a
 * text is flagged for each that is not a harmless one and likely enough.
 */
final class ModerationHandler {
  private static final int MOST = 512;

  /** What clients name where they mean the server's own. */
  private static final List<String> USUAL = List.of("omni-moderation-", "text-moderation-");

  private final Texts texts;
  private final OpenAiConfig.Moderation rule;
  private final Set<String> harmless;

  ModerationHandler(Texts texts, OpenAiConfig.Moderation rule) {
    this.texts = texts;
    this.rule = rule;
    this.harmless =
        rule.harmless().stream().map(ModerationHandler::plain).collect(Collectors.toSet());
  }

  /** A label without what labels are written differently by. */
  private static String plain(String label) {
    return label.toLowerCase(Locale.ROOT).replaceAll("[\\s_-]", "");
  }

  void handle(ServerRequest request, ServerResponse response) {
    Fields body = Bodies.fields(request);
    String name = model(body.text("model"));
    EmbeddingHandler.NamedModel model = EmbeddingHandler.NamedModel.allowed(name);
    List<String> input = input(body.node("input"));
    body.end();
    ClassifyRequest asked =
        new ClassifyRequest(
            model.wanted(),
            input,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    Classified classified = texts.classify(model.name().toString(), asked);
    ObjectNode answer = Bodies.JSON.createObjectNode();
    answer.put("id", Ids.of("modr-")).put("model", name);
    for (Classified.Row row : classified.rows()) {
      if (row.classes().isEmpty()) {
        throw Fields.bad("model", name + " has classes of words", "one with classes of texts");
      }
      answer.withArray("results").add(result(row));
    }
    Parts.send(response, answer);
  }

  private String model(Optional<String> named) {
    String name = named.orElse("");
    if (!name.isEmpty() && USUAL.stream().noneMatch(name::startsWith)) {
      return name;
    }
    return rule.model()
        .orElseThrow(
            () ->
                new LatheException(
                    ServerError.NOT_FOUND,
                    "\"model\": no model for moderation is loaded (expected: a classifier of texts"
                        + " as model, or one in the setting openai.moderation.model)"));
  }

  private static List<String> input(JsonNode node) {
    if (node.isString()) {
      return List.of(node.stringValue());
    }
    if (!node.isArray() || node.isEmpty() || node.size() > MOST) {
      String found = node.isArray() ? node.size() + " inputs" : Fields.shown(node);
      throw Fields.bad("input", found, "a text, or an array of 1 to " + MOST);
    }
    List<String> input = new ArrayList<>();
    for (int i = 0; i < node.size(); i++) {
      String path = "input[" + i + "]";
      if (node.get(i).isString()) {
        input.add(node.get(i).stringValue());
      } else {
        Fields part = Fields.of(node.get(i), path);
        if (!part.needText("type").equals("text")) {
          throw Fields.bad(path + ".type", part.needText("type"), "text: models read nothing else");
        }
        input.add(part.needText("text"));
        part.end();
      }
    }
    return input;
  }

  private ObjectNode result(Classified.Row row) {
    ObjectNode result = Bodies.JSON.createObjectNode();
    result.put("flagged", row.classes().stream().anyMatch(this::flags));
    ObjectNode categories = result.putObject("categories");
    ObjectNode scores = result.putObject("category_scores");
    ObjectNode types = result.putObject("category_applied_input_types");
    for (Classified.Score score : row.classes()) {
      categories.put(score.label(), flags(score));
      scores.put(score.label(), score.score());
      types.putArray(score.label()).add("text");
    }
    return result;
  }

  private boolean flags(Classified.Score score) {
    return score.score() > rule.threshold() && !harmless.contains(plain(score.label()));
  }
}
