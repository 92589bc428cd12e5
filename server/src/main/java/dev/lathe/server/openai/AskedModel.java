package dev.lathe.server.openai;

import dev.lathe.generate.Constraints;
import dev.lathe.generate.TextModel;
import dev.lathe.ir.LatheException;
import dev.lathe.prepare.ChatTemplate;
import dev.lathe.prepare.Tokenizer;
import dev.lathe.registry.ModelName;
import dev.lathe.serve.Lease;
import dev.lathe.server.Right;
import dev.lathe.server.ServerError;
import dev.lathe.server.access.Caller;
import dev.lathe.server.infer.Inference;
import dev.lathe.server.observe.Observed;
import dev.lathe.server.speak.AdapterRight;
import java.util.function.Function;

/**
 * The text model that a body names.
 *
 * @param name as the body names it
 * @param lease keeps it loaded
 * @param model the model
 */
record AskedModel(String name, Lease lease, TextModel model) implements AutoCloseable {
  /**
   * Leases the model {@code org/name}, {@code org/name@v2} or {@code org/name@environment}.
   *
   * @throws LatheException NOT_FOUND if there is none, NOT_ALLOWED if the caller may not ask it,
   *     NO_TEXT if it is no text model
   */
  static AskedModel of(Inference inference, Asking asking, Fields body) {
    String name = body.needText("model");
    return of(name, lease(inference, asking, name));
  }

  /** The text model of a lease, which is closed with it, or at once if it is none. */
  static AskedModel of(String name, Lease lease) {
    boolean taken = false;
    try {
      AdapterRight.require(lease.model());
      AskedModel asked = new AskedModel(name, lease, lease.model().text());
      taken = true;
      return asked;
    } finally {
      if (!taken) {
        lease.close();
      }
    }
  }

  /** A lease on whatever model is named so. */
  static Lease lease(Inference inference, Asking asking, String name) {
    int at = name.lastIndexOf('@');
    String after = at < 0 ? "" : name.substring(at + 1);
    ModelName model = allowed(at < 0 ? name : name.substring(0, at));
    boolean version = after.matches("v?[1-9][0-9]{0,8}");
    Lease lease =
        inference.acquire(
            model,
            version ? after : "",
            version || at < 0 ? asking.environment() : after,
            Observed.current().visit(asking.tenant()));
    Observed.current().answering(lease.model().id());
    return lease;
  }

  /** A model's name, unless the caller may not ask it. */
  static ModelName allowed(String name) {
    ModelName model = Inference.name(name);
    if (!Caller.current().may(Right.INFER, model.toString())) {
      throw new LatheException(
          ServerError.NOT_ALLOWED,
          Caller.current().name()
              + " may not infer "
              + model
              + " (expected: a scope such as infer:"
              + model
              + ")");
    }
    return model;
  }

  /**
   * Makes something of a body, as the model wants it: where a canary refuses what the live version
   * takes, the canary is to blame.
   *
   * @param making reads the body; may be called again for the live version
   */
  <T> T prepare(Function<AskedModel, T> making) {
    return lease.prepare(
        loaded ->
            making.apply(
                loaded == lease.model() ? this : new AskedModel(name, lease, loaded.text())));
  }

  Tokenizer tokenizer() {
    return model
        .tokenizer()
        .orElseThrow(() -> missing("tokenizer.json: the model has none, so that it takes no text"));
  }

  ChatTemplate template() {
    return model
        .template()
        .orElseThrow(
            () -> missing("chat_template: the model has none (expected: /v1/completions for it)"));
  }

  Constraints constraints() {
    return model.constraints().orElseThrow(() -> missing("tokenizer.json: the model has none"));
  }

  private LatheException missing(String what) {
    return new LatheException(ServerError.BAD_REQUEST, "\"model\": " + what);
  }

  /** What answers, for {@code system_fingerprint}. */
  String fingerprint() {
    return lease.model().id().toString();
  }

  @Override
  public void close() {
    lease.close();
  }
}
