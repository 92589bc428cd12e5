package dev.lathe.server;

import dev.lathe.ir.Tensor;
import dev.lathe.registry.ModelName;
import dev.lathe.serve.Deployments;
import dev.lathe.serve.InferRequest;
import dev.lathe.serve.Lease;
import dev.lathe.serve.RequestOptions;
import dev.lathe.serve.Selector;
import dev.lathe.serve.TrialReport;
import dev.lathe.server.access.Caller;
import dev.lathe.server.speak.Speaker;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Runs versions as a server does: loaded once, shared by all doors, limited and batched. */
final class ServingPredictor implements Predictor {
  private final Deployments deployments;

  /** Shares what a server has loaded, and does not close it. */
  ServingPredictor(Deployments deployments) {
    this.deployments = deployments;
  }

  @Override
  public Map<String, Tensor> run(ModelName model, String version, Map<String, Tensor> inputs) {
    RequestOptions options = RequestOptions.usual().withCaller(Caller.current().name());
    InferRequest request = new InferRequest(inputs, Set.of(), options);
    try (Lease lease = deployments.acquire(model, Selector.version(version))) {
      return lease.model().infer(request).outputs();
    }
  }

  @Override
  public TextReply speak(
      ModelName model, String version, TextQuestion question, Consumer<String> listener) {
    try (Lease lease = deployments.acquire(model, Selector.version(version))) {
      return new Speaker(lease.model()).answer(question, listener);
    }
  }

  @Override
  public void deployed(ModelName model, String environment) {
    deployments.refresh(model, environment);
  }

  @Override
  public Optional<TrialReport> trial(ModelName model, String environment) {
    return deployments.trial(model, environment);
  }

  @Override
  public void close() {}
}
