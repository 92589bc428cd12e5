package dev.lathe.serve;

import dev.lathe.generate.TextModel;
import dev.lathe.ir.LatheException;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where a version's text model is, if it can be one: opened when it is first wanted, closed with
 * the version. For many threads at once.
 */
final class TextSlot implements AutoCloseable {
  private final @Nullable Supplier<TextModel> opening;
  private @Nullable TextModel open;
  private boolean closed;

  private TextSlot(@Nullable Supplier<TextModel> opening) {
    this.opening = opening;
  }

  /** No text model. */
  static TextSlot none() {
    return new TextSlot(null);
  }

  /** A text model that is opened when it is first wanted. */
  static TextSlot of(Supplier<TextModel> opening) {
    return new TextSlot(opening);
  }

  boolean isText() {
    return opening != null;
  }

  /** The text model, if it was opened. */
  synchronized Optional<TextModel> current() {
    return Optional.ofNullable(open);
  }

  /**
   * The text model, opened now if need be.
   *
   * @throws LatheException why it cannot be opened; CLOSED
   * @throws IllegalStateException if the version is no text model
   */
  synchronized TextModel open() {
    TextModel model = open;
    if (model == null) {
      if (closed) {
        throw new LatheException(ServeError.CLOSED, "the version is being closed");
      }
      if (opening == null) {
        throw new IllegalStateException("no text model");
      }
      model = opening.get();
      open = model;
    }
    return model;
  }

  /** Bytes of weights and cache; 0 as long as it is not open. */
  long bytes() {
    return current().map(TextModel::bytes).orElse(0L);
  }

  @Override
  public synchronized void close() {
    closed = true;
    TextModel model = open;
    open = null;
    if (model != null) {
      model.close();
    }
  }
}
