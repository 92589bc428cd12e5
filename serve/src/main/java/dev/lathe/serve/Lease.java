package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import java.util.concurrent.atomic.AtomicBoolean;

/** The right to use a loaded model: as long as a lease is open, its model stays loaded. */
public final class Lease implements AutoCloseable {
  private final LoadedModel model;
  private final Onlooker onlooker;
  private final AtomicBoolean open = new AtomicBoolean(true);

  /** Takes over one reference that the caller holds. */
  Lease(LoadedModel model) {
    this(model, Onlooker.NOBODY);
  }

  /** Takes over one reference that the caller holds; somebody hears how requests end. */
  Lease(LoadedModel model, Onlooker onlooker) {
    this.model = model;
    this.onlooker = onlooker;
    model.lent();
  }

  /**
   * The model.
   *
   * @return the loaded version
   */
  public LoadedModel model() {
    return model;
  }

  /**
   * Answers a request; the calling thread waits. What is on trial is judged by such requests.
   *
   * @param request inputs, outputs wanted, deadline, caller
   * @return the outputs
   * @throws LatheException as {@link LoadedModel#infer}
   */
  public InferResponse infer(InferRequest request) {
    if (onlooker == Onlooker.NOBODY) {
      return model.infer(request);
    }
    long start = System.nanoTime();
    try {
      InferResponse response = model.infer(request);
      onlooker.answered(request, response, System.nanoTime() - start);
      return response;
    } catch (LatheException e) {
      onlooker.failed(request, e);
      throw e;
    }
  }

  /** Gives the right back; once is enough. */
  @Override
  public void close() {
    if (open.compareAndSet(true, false)) {
      model.givenBack();
    }
  }
}
