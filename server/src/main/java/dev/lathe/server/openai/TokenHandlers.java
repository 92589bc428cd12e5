package dev.lathe.server.openai;

import dev.lathe.prepare.Specials;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.Arrays;
import tools.jackson.databind.node.ObjectNode;

/** {@code POST /tokenize} and {@code POST /detokenize}, as vLLM has them. */
final class TokenHandlers {
  private final Parts parts;

  TokenHandlers(Parts parts) {
    this.parts = parts;
  }

  void tokenize(ServerRequest request, ServerResponse response) {
    Fields body = Bodies.fields(request);
    try (AskedModel asked = AskedModel.of(parts.inference(), Asking.of(request), body)) {
      int[] tokens;
      if (body.has("messages")) {
        tokens = ChatPrompt.of(asked, body).tokens();
      } else {
        boolean adds = !body.has("add_special_tokens") || body.flag("add_special_tokens");
        String text = body.needText("prompt");
        tokens = asked.tokenizer().encode(text, adds ? Specials.WITH : Specials.WITHOUT).ids();
      }
      boolean strings = body.flag("return_token_strs");
      body.end();
      ObjectNode answer = Bodies.JSON.createObjectNode();
      answer.put("count", tokens.length);
      answer.put("max_model_len", asked.model().context());
      Arrays.stream(tokens).forEach(answer.putArray("tokens")::add);
      if (strings) {
        var words = answer.putArray("token_strs");
        Arrays.stream(tokens).mapToObj(asked.tokenizer().vocabulary()::token).forEach(words::add);
      }
      Parts.send(response, answer);
    }
  }

  void detokenize(ServerRequest request, ServerResponse response) {
    Fields body = Bodies.fields(request);
    try (AskedModel asked = AskedModel.of(parts.inference(), Asking.of(request), body)) {
      int vocabulary = asked.tokenizer().vocabulary().size();
      var tokens = TokenArrays.tokens(body.node("tokens"), "tokens", vocabulary);
      boolean skips = body.flag("skip_special_tokens");
      body.end();
      String text =
          asked
              .tokenizer()
              .decode(TokenArrays.array(tokens), skips ? Specials.WITHOUT : Specials.WITH);
      Parts.send(response, Bodies.JSON.createObjectNode().put("prompt", text));
    }
  }
}
