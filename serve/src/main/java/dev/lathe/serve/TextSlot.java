package dev.lathe.serve;

import dev.lathe.generate.TextModel;
import dev.lathe.ir.LatheException;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where a version's text model is, if it can be one: opened when it is first wanted, closed with
 * the version. For many threads at once.
 */
final class TextSlot implements AutoCloseable {
  private final @Nullable Supplier<TextModel> opening;
  private final long reserved;
  private volatile @Nullable TextModel open;
  private final Object telling = new Object();
  private volatile LongConsumer onResized = _ -> {};
  private long told;
  private boolean closed;

  private TextSlot(@Nullable Supplier<TextModel> opening, long reserved) {
    this.opening = opening;
    this.reserved = reserved;
    this.told = reserved;
  }

  /** No text model. */
  static TextSlot none() {
    return new TextSlot(null, 0);
  }

  /**
   * A text model that is opened when it is first wanted.
   *
   * @param opening opens it
   * @param reserved bytes that are kept free for it until then
   */
  static TextSlot of(Supplier<TextModel> opening, long reserved) {
    return new TextSlot(opening, reserved);
  }

  boolean isText() {
    return opening != null;
  }

  /** The text model, if it was opened; does not wait for one that is just being opened. */
  Optional<TextModel> current() {
    return Optional.ofNullable(open);
  }

  /**
   * The text model, opened now if need be; anew if it failed.
   *
   * @param onGrown hears, the first time it is opened and from one thread only, how many bytes it
   *     takes beyond those reserved; later changes are told to whom {@link #onResized} names
   * @throws LatheException why it cannot be opened; CLOSED
   * @throws IllegalStateException if the version is no text model
   */
  TextModel open(LongConsumer onGrown) {
    TextModel model = open;
    if (model != null && !model.failed()) {
      return model;
    }
    model = opened();
    tell(onGrown);
    return model;
  }

  /**
   * Who hears how many bytes the model takes more than before, or less, as adapters come and go.
   *
   * @param listener takes the place of an earlier one
   */
  void onResized(LongConsumer listener) {
    onResized = listener;
  }

  /** Each byte is told once, whoever asks at the same time. */
  private void tell(LongConsumer listener) {
    synchronized (telling) {
      TextModel model = open;
      if (model != null) {
        long more = Math.max(reserved, model.bytes()) - told;
        told += more;
        if (more != 0) {
          listener.accept(more);
        }
      }
    }
  }

  private synchronized TextModel opened() {
    TextModel model = open;
    if (closed) {
      throw new LatheException(ServeError.CLOSED, "the version is being closed");
    }
    if (opening == null) {
      throw new IllegalStateException("no text model");
    }
    if (model != null && model.failed()) {
      open = null;
      model.close();
      model = null;
    }
    if (model == null) {
      model = opening.get();
      model.onResized(() -> tell(onResized));
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
