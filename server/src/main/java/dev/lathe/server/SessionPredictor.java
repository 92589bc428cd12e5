package dev.lathe.server;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.Release;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.serve.Deployments;
import dev.lathe.serve.ServeObserver;
import dev.lathe.serve.ServeOptions;
import dev.lathe.serve.TrialReport;
import dev.lathe.server.speak.Leases;
import dev.lathe.server.speak.PromptMeasure;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs versions one at a time on sessions of its own and keeps the last one open: for a program
 * that asks one model now and then, and must not load a whole environment for it.
 */
final class SessionPredictor implements Predictor {
  /** An environment in which nothing is live, so that nothing is loaded ahead. */
  private static final String NOBODY = "lathe-none-ahead";

  private final Registry registry;
  private @Nullable Deployments deployments;
  private @Nullable Session session;
  private String loaded = "";

  /** Takes over the registry and closes it. */
  SessionPredictor(Registry registry) {
    this.registry = registry;
  }

  @Override
  public synchronized Map<String, Tensor> run(
      ModelName model, String version, Map<String, Tensor> inputs) {
    if (registry.show(model, version).metadata().pipeline().isEmpty()) {
      return session(model, version).run(inputs);
    }
    return new ServingPredictor(new Leases(serving(), registry)).run(model, version, inputs);
  }

  /** What pipelines and text models are run by; it loads what they name and nothing else. */
  private synchronized Deployments serving() {
    Deployments open = deployments;
    if (open == null) {
      open = new Deployments(registry, ServeOptions.defaults(NOBODY), new ServeObserver() {});
      deployments = open;
    }
    return open;
  }

  @Override
  public TextReply speak(
      ModelName model, String version, TextQuestion question, Consumer<String> listener) {
    return new ServingPredictor(new Leases(serving(), registry))
        .speak(model, version, question, listener);
  }

  @Override
  public TextReply speak(
      ModelName model, String version, Function<PromptMeasure, TextQuestion> asked) {
    return new ServingPredictor(new Leases(serving(), registry)).speak(model, version, asked);
  }

  @Override
  public <T> T write(ModelName model, String version, Writing<T> work) {
    return new ServingPredictor(new Leases(serving(), registry)).write(model, version, work);
  }

  @Override
  public Optional<TrialReport> trial(ModelName model, String environment) {
    throw new LatheException(
        ServerError.NOT_OFFERED,
        "what is on trial is seen by a running server only (ask it with --server ADDRESS)");
  }

  @Override
  public void deployed(ModelName model, String environment) {}

  @Override
  public synchronized void close() {
    unload();
    Deployments open = deployments;
    deployments = null;
    if (open != null) {
      open.close();
    }
    registry.close();
  }

  private void unload() {
    Session open = session;
    session = null;
    loaded = "";
    if (open != null) {
      open.close();
    }
  }

  private Session session(ModelName model, String version) {
    String wanted = model + "@" + version;
    Session open = session;
    if (open == null || !loaded.equals(wanted)) {
      unload();
      Path file = registry.materialize(model, version).resolve(Release.MODEL);
      open = Session.open(file, SessionOptions.defaults());
      session = open;
      loaded = wanted;
    }
    return open;
  }
}
