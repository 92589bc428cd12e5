package dev.lathe.server.openai;

import dev.lathe.generate.GenerateEvent;
import dev.lathe.generate.GenerateRequest;
import dev.lathe.generate.TextStream;
import dev.lathe.ir.LatheException;
import dev.lathe.serve.Cancellation;
import dev.lathe.server.ClientWatch;
import dev.lathe.server.access.Background;
import dev.lathe.server.access.Caller;
import dev.lathe.server.access.Quotas;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** An answer being made, given up when its reader has gone. */
final class Generation implements AutoCloseable {
  private final ClientWatch.Watched client;
  private final TextStream stream;
  private final Quotas quotas;
  private Optional<GenerateEvent> first;
  private Runnable forget = () -> {};

  private Generation(ClientWatch.Watched client, TextStream stream, Quotas quotas) {
    this.quotas = quotas;
    this.client = client;
    this.stream = stream;
    this.first = Optional.empty();
  }

  /**
   * Begins, and waits until something is there: what can be refused is refused here.
   *
   * @throws LatheException why there is no answer
   */
  static Generation begin(Parts parts, AskedModel asked, GenerateRequest request) {
    Supplier<TextStream> answer = () -> asked.lease().generate(request);
    ClientWatch.Watched client = parts.clients().watch();
    Optional<Cancellation> ended = Background.current().map(Background::ended);
    Runnable gone = client.cancellation()::cancel;
    // Before it begins, so that nothing is begun for work that has been given up.
    ended.ifPresent(work -> work.whenCancelled(gone));
    boolean begun = false;
    try {
      Generation generation = begin(client, parts.quotas(), answer);
      generation.forget = () -> ended.ifPresent(work -> work.forget(gone));
      begun = true;
      return generation;
    } finally {
      if (!begun) {
        ended.ifPresent(work -> work.forget(gone));
      }
    }
  }

  static Generation begin(ClientWatch.Watched client, Quotas quotas, Supplier<TextStream> answer) {
    boolean begun = false;
    try {
      TextStream stream = answer.get();
      Generation generation = new Generation(client, stream, quotas);
      client.cancellation().whenCancelled(stream::cancel);
      try {
        generation.first = stream.next();
        begun = true;
      } finally {
        if (!begun) {
          stream.close();
        }
      }
      return generation;
    } finally {
      if (!begun) {
        client.close();
      }
    }
  }

  /** Everything that happens, to the end. */
  void all(Consumer<GenerateEvent> reader) {
    for (Optional<GenerateEvent> event = first; event.isPresent(); event = stream.next()) {
      reader.accept(event.get());
    }
  }

  /** Ends what has not ended, and charges the caller for the time that the engine worked. */
  @Override
  public void close() {
    forget.run();
    try (client) {
      stream.close();
    }
    quotas.charge(Caller.current().name(), stream.workedNanos());
  }
}
