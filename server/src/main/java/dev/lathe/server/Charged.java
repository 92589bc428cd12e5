package dev.lathe.server;

import dev.lathe.ir.ErrorCode;
import dev.lathe.serve.InferRequest;
import dev.lathe.serve.InferResponse;
import dev.lathe.serve.ModelVersion;
import dev.lathe.serve.ServeObserver;
import dev.lathe.server.access.Access;

/**
 * Charges callers for what models do for them, writes down what the server changes by itself, and
 * tells another observer everything.
 *
 * @param access has what callers have used, and the audit log
 * @param next who hears it all
 */
record Charged(Access access, ServeObserver next) implements ServeObserver {
  @Override
  public void answered(ModelVersion model, InferRequest request, InferResponse response) {
    access.quotas().charge(request, response);
    next.answered(model, request, response);
  }

  @Override
  public void failed(ModelVersion model, ErrorCode code) {
    next.failed(model, code);
  }

  @Override
  public void ran(ModelVersion model, InferResponse.Timing timing) {
    next.ran(model, timing);
  }

  @Override
  public void loaded(ModelVersion model) {
    next.loaded(model);
  }

  @Override
  public void unloaded(ModelVersion model) {
    next.unloaded(model);
  }

  @Override
  public void rolledBack(ModelVersion canary, String environment, String reason) {
    access.acted(
        canary.model().toString(),
        "roll back " + canary.version() + " in " + environment + ": " + reason);
    next.rolledBack(canary, environment, reason);
  }
}
