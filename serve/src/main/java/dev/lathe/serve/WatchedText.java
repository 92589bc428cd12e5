package dev.lathe.serve;

import dev.lathe.generate.GenerateEvent;
import dev.lathe.generate.TextStream;
import dev.lathe.ir.LatheException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/** An answer that somebody hears the end of. For one reader, as every stream. */
final class WatchedText implements TextStream {
  private final TextStream stream;
  private final TextOnlooker onlooker;
  private final long start = System.nanoTime();
  private boolean begun;

  WatchedText(TextStream stream, TextOnlooker onlooker) {
    this.stream = stream;
    this.onlooker = onlooker;
  }

  @Override
  public Optional<GenerateEvent> next() {
    try {
      Optional<GenerateEvent> event = stream.next();
      event.ifPresent(this::seen);
      return event;
    } catch (LatheException e) {
      // What a deadline cut off had begun in time.
      onlooker.failed(e, Duration.ofNanos(begun ? 1 : Math.max(1, System.nanoTime() - start)));
      throw e;
    }
  }

  private void seen(GenerateEvent event) {
    switch (event) {
      case GenerateEvent.Token _ -> begun = true;
      case GenerateEvent.Completed(GenerateEvent.Usage usage) -> onlooker.answered(times(usage));
      case GenerateEvent.Finished _, GenerateEvent.PromptScored _ -> {}
    }
  }

  /** As the engine saw them: a reader may take its time. */
  private static TextOnlooker.Times times(GenerateEvent.Usage usage) {
    long whole = usage.timing().totalNanos();
    int more = usage.answerTokens() - 1;
    if (more < 0) {
      return TextOnlooker.Times.whole(whole);
    }
    long first = usage.timing().firstNanos();
    OptionalLong each = more == 0 ? OptionalLong.empty() : OptionalLong.of((whole - first) / more);
    return new TextOnlooker.Times(first, each, whole);
  }

  @Override
  public void cancel() {
    stream.cancel();
  }

  @Override
  public long workedNanos() {
    return stream.workedNanos();
  }

  @Override
  public void close() {
    stream.close();
  }
}
