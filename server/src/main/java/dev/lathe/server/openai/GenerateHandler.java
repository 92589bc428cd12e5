package dev.lathe.server.openai;

import dev.lathe.generate.FinishReason;
import dev.lathe.generate.GenerateEvent;
import dev.lathe.ir.LatheException;
import dev.lathe.serve.Lease;
import dev.lathe.serve.ModelVersion;
import dev.lathe.server.ErrorMapping;
import dev.lathe.server.infer.Inference;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code generate} and {@code generate_stream} of the Open Inference Protocol: a completion with
 * other words around it. Fields beside {@code id} and {@code text_input} are parameters, as Triton
 * has it, and so are those of {@code parameters}; they are called what they are in a completion.
 *
 * @see <a
 *     href="https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_generate.md">Triton's
 *     generate extension</a>
 * @see <a
 *     href="https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/generate_rest.yaml">Open
 *     Inference Protocol, generate</a>
 */
public final class GenerateHandler {
  private static final Set<String> AROUND = Set.of("id", "text_input", "parameters");

  /** What a completion has and this has not. */
  private static final Set<String> OTHERS =
      Set.of("model", "prompt", "n", "best_of", "echo", "logprobs", "stream_options");

  private final CompletionHandler completions;

  /**
   * Over the models of a server.
   *
   * @param parts what handlers need
   */
  public GenerateHandler(Parts parts) {
    this.completions = new CompletionHandler(parts);
  }

  /**
   * Answers with the whole text.
   *
   * @param lease the model asked; closed at the end
   */
  public void whole(ServerRequest request, ServerResponse response, Lease lease) {
    try (AskedModel model = AskedModel.of("", lease)) {
      Asked asked = Asked.of(Bodies.json(request), false);
      try (CompletionHandler.Begun begun = begin(request, model, asked)) {
        begun.read(() -> {});
        Parts.send(response, asked.answer(lease.model().id(), begun.choice()));
      }
    }
  }

  /**
   * Answers with an event for each piece of the text. A failure after the first of them is an event
   * with an {@code error}.
   *
   * @param lease the model asked; closed at the end
   */
  public void stream(ServerRequest request, ServerResponse response, Lease lease) {
    try (AskedModel model = AskedModel.of("", lease)) {
      Asked asked = Asked.of(Bodies.json(request), true);
      try (CompletionHandler.Begun begun = begin(request, model, asked);
          EventWriter out = new EventWriter(response)) {
        try {
          begun.read(() -> out.send(asked.answer(lease.model().id(), begun.choice())));
        } catch (LatheException e) {
          out.send(ErrorMapping.body(ErrorMapping.answer(e).message()));
        }
      }
    }
  }

  private CompletionHandler.Begun begin(ServerRequest request, AskedModel model, Asked asked) {
    return completions.begin(model, Fields.of(asked.completion(), ""), Asking.of(request));
  }

  /**
   * What is asked.
   *
   * @param id given back with the answer; may be empty
   * @param details whether the answer says how it ended
   * @param completion the same as a completion
   */
  private record Asked(String id, boolean details, ObjectNode completion) {
    static Asked of(JsonNode json, boolean stream) {
      Fields body = Fields.of(json, "");
      ObjectNode all = Bodies.JSON.createObjectNode();
      if (body.has("parameters")) {
        add(all, body.node("parameters"), "parameters.");
      }
      add(all, json, "");
      Fields merged = Fields.of(all, "");
      boolean details = merged.flag("details");
      boolean echo =
          merged.has("exclude_input_in_output") && !merged.flag("exclude_input_in_output");
      if (merged.has("stream") && merged.flag("stream") != stream) {
        throw Fields.bad("stream", String.valueOf(!stream), stream + " at this path");
      }
      all.remove(Set.of("details", "exclude_input_in_output", "stream"));
      all.put("prompt", body.needText("text_input"));
      all.put("echo", echo);
      return new Asked(body.text("id").orElse(""), details, all);
    }

    private static void add(ObjectNode all, JsonNode fields, String path) {
      Fields.of(fields, path.isEmpty() ? "" : "parameters");
      for (Map.Entry<String, JsonNode> field : fields.properties()) {
        String name = field.getKey();
        if (path.isEmpty() && AROUND.contains(name)) {
          continue;
        }
        if (AROUND.contains(name) || OTHERS.contains(name)) {
          throw Fields.bad(path + name, "is no parameter here", "one of a completion's");
        }
        if (all.has(name)) {
          throw Fields.bad(name, "is given twice", "once, beside \"parameters\" or in it");
        }
        all.set(name, field.getValue());
      }
    }

    /** What there is to tell. */
    ObjectNode answer(ModelVersion model, CompletionChoice choice) {
      ObjectNode answer = Bodies.JSON.createObjectNode();
      if (!id.isEmpty()) {
        answer.put("id", id);
      }
      answer.put("model_name", Inference.shown(model.model()));
      answer.put("model_version", model.version());
      answer.put("text_output", choice.news());
      if (details) {
        choice
            .ending()
            .ifPresent(end -> answer.putObject("details").put("finish_reason", reason(end)));
      }
      return answer;
    }

    private String reason(GenerateEvent.Finished end) {
      if (end.reason() == FinishReason.LENGTH) {
        return "length";
      }
      boolean token = end.stop().matches("[0-9]+") && !isStop(end.stop());
      return token ? "eos_token" : "stop_sequence";
    }

    private boolean isStop(String text) {
      JsonNode stop = completion.path("stop");
      return stop.isString()
          ? stop.stringValue().equals(text)
          : stop.valueStream().anyMatch(one -> one.asString("").equals(text));
    }
  }
}
