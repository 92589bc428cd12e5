package dev.lathe.runtime;

/** Buffers tied to the inputs and outputs of a session. */
public final class Binding implements AutoCloseable {
  Binding() {}

  /** Runs the session once over the buffers. */
  public void run() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
