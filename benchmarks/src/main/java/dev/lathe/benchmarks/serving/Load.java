package dev.lathe.benchmarks.serving;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Some callers, each sending the same request again as soon as the answer is in. */
final class Load {
  private final URI server;
  private final byte[] request;
  private final int callers;

  Load(URI server, Payload payload, int callers) {
    this.server = server;
    this.request = payload.wire(server.getHost() + ":" + server.getPort());
    this.callers = callers;
  }

  /**
   * What was answered.
   *
   * @param requests how many, each with status 200
   * @param seconds how long it took
   */
  record Done(long requests, double seconds) {}

  /** Sends for some seconds; fails on the first answer that is not 200. */
  Done run(double seconds) {
    long start = System.nanoTime();
    long end = start + (long) (seconds * 1e9);
    try (ExecutorService threads = Executors.newFixedThreadPool(callers)) {
      List<Future<Long>> counts = new ArrayList<>();
      for (int i = 0; i < callers; i++) {
        counts.add(threads.submit(() -> loop(end)));
      }
      long total = 0;
      for (Future<Long> count : counts) {
        total += count.get();
      }
      return new Done(total, (System.nanoTime() - start) / 1e9);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private long loop(long end) throws IOException {
    long count = 0;
    try (Connection connection = new Connection(server)) {
      do {
        Connection.Answer answer = connection.exchange(request);
        if (answer.status() != 200) {
          throw new IOException(
              "status "
                  + answer.status()
                  + ": "
                  + new String(answer.body(), StandardCharsets.UTF_8));
        }
        count++;
      } while (System.nanoTime() < end);
    }
    return count;
  }
}
