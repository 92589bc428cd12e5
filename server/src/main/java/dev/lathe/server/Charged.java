package dev.lathe.server;

import dev.lathe.ir.ErrorCode;
import dev.lathe.serve.InferRequest;
import dev.lathe.serve.InferResponse;
import dev.lathe.serve.ModelVersion;
import dev.lathe.serve.ServeObserver;
import dev.lathe.server.access.Quotas;

/**
 * Charges callers for what models do for them, and tells another observer everything.
 *
 * @param quotas what callers have used
 * @param next who hears it all
 */
record Charged(Quotas quotas, ServeObserver next) implements ServeObserver {
  @Override
  public void answered(ModelVersion model, InferRequest request, InferResponse response) {
    quotas.charge(request, response);
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
}
