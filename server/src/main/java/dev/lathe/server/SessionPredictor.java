package dev.lathe.server;

import dev.lathe.ir.Tensor;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.Release;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Runs versions one at a time on sessions of its own and keeps the last one open: for a program
 * that asks one model now and then, and must not load a whole environment for it.
 */
final class SessionPredictor implements Predictor {
  private final Registry registry;
  private @Nullable Session session;
  private String loaded = "";

  /** Takes over the registry and closes it. */
  SessionPredictor(Registry registry) {
    this.registry = registry;
  }

  @Override
  public synchronized Map<String, Tensor> run(
      ModelName model, String version, Map<String, Tensor> inputs) {
    return session(model, version).run(inputs);
  }

  @Override
  public void deployed(ModelName model, String environment) {}

  @Override
  public synchronized void close() {
    unload();
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
