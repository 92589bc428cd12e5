package dev.lathe.server.speak;

import dev.lathe.generate.GenerateEvent;
import dev.lathe.generate.TextStream;
import dev.lathe.server.ClientWatch;
import dev.lathe.server.access.Caller;
import dev.lathe.server.access.Quotas;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a server does about an answer while it is made: it is given up when its reader has gone, and
 * its caller is charged.
 *
 * @param clients notices who has gone
 * @param quotas is told what answers took
 */
public record Attendance(ClientWatch clients, Quotas quotas) {
  /**
   * Begins an answer on the thread of its request.
   *
   * @param answer begins it
   * @return the answer; charged when it is closed
   */
  public TextStream begin(Supplier<TextStream> answer) {
    ClientWatch.Watched client = clients.watch();
    boolean begun = false;
    try {
      TextStream stream = answer.get();
      begun = true;
      client.cancellation().whenCancelled(stream::cancel);
      return new Attended(stream, client, quotas);
    } finally {
      if (!begun) {
        client.close();
      }
    }
  }

  private record Attended(TextStream stream, ClientWatch.Watched client, Quotas quotas)
      implements TextStream {
    @Override
    public Optional<GenerateEvent> next() {
      return stream.next();
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
      try (client) {
        stream.close();
      }
      quotas.charge(Caller.current().name(), stream.workedNanos());
    }
  }
}
