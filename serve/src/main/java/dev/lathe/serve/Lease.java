package dev.lathe.serve;

import java.util.concurrent.atomic.AtomicBoolean;

/** The right to use a loaded model: as long as a lease is open, its model stays loaded. */
public final class Lease implements AutoCloseable {
  private final LoadedModel model;
  private final AtomicBoolean open = new AtomicBoolean(true);

  /** Takes over one reference that the caller holds. */
  Lease(LoadedModel model) {
    this.model = model;
    model.touch();
  }

  /**
   * The model.
   *
   * @return the loaded version
   */
  public LoadedModel model() {
    return model;
  }

  /** Gives the right back; once is enough. */
  @Override
  public void close() {
    if (open.compareAndSet(true, false)) {
      model.touch();
      model.release();
    }
  }
}
