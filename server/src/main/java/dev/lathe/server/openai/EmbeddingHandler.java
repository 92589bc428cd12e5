package dev.lathe.server.openai;

import dev.lathe.registry.ModelName;
import dev.lathe.server.EmbedRequest;
import dev.lathe.server.Embedded;
import dev.lathe.server.Texts;
import dev.lathe.server.TokenTexts;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code POST /v1/embeddings}, over models that give features of texts. */
final class EmbeddingHandler implements Verb {
  private static final int MOST = 2048;
  private static final int MOST_DIMENSIONS = 1 << 16;

  /** More than any vocabulary has; the model's own is asked where its tokenizer is. */
  private static final int MOST_WORDS = 1 << 30;

  private final Texts texts;
  private final TokenTexts spoken;

  EmbeddingHandler(Texts texts, TokenTexts spoken) {
    this.texts = texts;
    this.spoken = spoken;
  }

  void handle(ServerRequest request, ServerResponse response) {
    Parts.send(response, answer(Bodies.json(request), Asking.of(request)));
  }

  @Override
  public ObjectNode answer(JsonNode json, Asking asking) {
    Fields body = Fields.of(json, "");
    String named = body.needText("model");
    NamedModel model = NamedModel.allowed(named);
    String form = body.text("encoding_format").orElse("float");
    if (!Set.of("float", "base64").contains(form)) {
      throw Fields.bad("encoding_format", "\"" + form + "\"", "float or base64");
    }
    Optional<Integer> dimensions =
        body.whole("dimensions", 1, MOST_DIMENSIONS).map(number -> (int) (long) number);
    JsonNode input = body.node("input");
    body.ignore(Set.of("user"));
    body.end();
    Optional<List<int[]>> tokens = tokens(input);
    EmbedRequest asked =
        new EmbedRequest(
            model.wanted(),
            tokens.isPresent() ? List.of() : texts(input),
            Optional.empty(),
            Optional.empty(),
            dimensions);
    String name = model.name().toString();
    Embedded embedded =
        tokens
            .map(each -> spoken.embed(name, each, asked))
            .orElseGet(() -> texts.embed(name, asked));
    return answer(embedded, named, form.equals("base64"));
  }

  /** The tokens of each text; empty if texts are given in words. */
  private static Optional<List<int[]>> tokens(JsonNode node) {
    if (!node.isArray() || node.isEmpty() || node.get(0).isString()) {
      return Optional.empty();
    }
    List<JsonNode> arrays = node.get(0).isNumber() ? List.of(node) : List.copyOf(node.values());
    if (arrays.size() > MOST) {
      throw Fields.bad("input", arrays.size() + " inputs", "1 to " + MOST);
    }
    return Optional.of(
        arrays.stream()
            .map(array -> TokenArrays.array(TokenArrays.tokens(array, "input", MOST_WORDS)))
            .toList());
  }

  private static List<String> texts(JsonNode node) {
    if (node.isString()) {
      return List.of(node.stringValue());
    }
    if (!node.isArray() || node.isEmpty() || node.size() > MOST) {
      String found = node.isArray() ? node.size() + " inputs" : Fields.shown(node);
      throw Fields.bad(
          "input", found, "a text, tokens, or an array of 1 to " + MOST + " of either");
    }
    List<String> input = new ArrayList<>();
    for (int i = 0; i < node.size(); i++) {
      if (!node.get(i).isString()) {
        throw Fields.bad("input[" + i + "]", Fields.shown(node.get(i)), "a text");
      }
      input.add(node.get(i).stringValue());
    }
    return input;
  }

  private static ObjectNode answer(Embedded embedded, String model, boolean base64) {
    ObjectNode answer = Bodies.JSON.createObjectNode().put("object", "list");
    ArrayNode data = answer.putArray("data");
    float[] numbers = embedded.vectors().toFloats();
    int rows = (int) embedded.vectors().dims()[0];
    int width = numbers.length / Math.max(1, rows);
    for (int i = 0; i < rows; i++) {
      float[] row = Arrays.copyOfRange(numbers, i * width, (i + 1) * width);
      ObjectNode one = data.addObject().put("object", "embedding").put("index", i);
      if (base64) {
        ByteBuffer bytes =
            ByteBuffer.allocate(Math.multiplyExact(width, Float.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(row);
        one.put("embedding", Base64.getEncoder().encodeToString(bytes.array()));
      } else {
        ArrayNode array = one.putArray("embedding");
        for (float number : row) {
          array.add(number);
        }
      }
    }
    answer.put("model", model);
    answer
        .putObject("usage")
        .put("prompt_tokens", embedded.tokens())
        .put("total_tokens", embedded.tokens());
    return answer;
  }

  /**
   * A model as a body names it.
   *
   * @param name its name
   * @param wanted the version or environment after the {@code @}
   */
  record NamedModel(ModelName name, Optional<String> wanted) {
    /** Reads a name, and refuses models that the caller may not ask. */
    static NamedModel allowed(String text) {
      int at = text.lastIndexOf('@');
      ModelName name = AskedModel.allowed(at < 0 ? text : text.substring(0, at));
      String after = at < 0 ? "" : text.substring(at + 1);
      boolean number = after.matches("[1-9][0-9]{0,8}");
      return new NamedModel(
          name, after.isEmpty() ? Optional.empty() : Optional.of(number ? "v" + after : after));
    }
  }
}
