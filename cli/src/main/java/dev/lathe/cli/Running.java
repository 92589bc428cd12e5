package dev.lathe.cli;

import dev.lathe.server.LatheServer;
import dev.lathe.server.ServerConfig;
import java.net.URI;
import java.util.concurrent.CountDownLatch;

/** A server of this process that stops in good order when the process is told to end. */
final class Running implements AutoCloseable {
  private final LatheServer server;
  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Signals signals = Signals.onFirst(asked::countDown);
  private final Thread hook = new Thread(this::stop, "stop-server");

  private Running(LatheServer server) {
    this.server = server;
  }

  static Running start(ServerConfig config) {
    Running running = new Running(LatheServer.start(config));
    Runtime.getRuntime().addShutdownHook(running.hook);
    return running;
  }

  URI address() {
    return server.address();
  }

  /** Returns when the process is told to end; whoever waits closes the server then. */
  void await() {
    try {
      asked.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    stop();
    signals.close();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending, and the hook is what ends it.
      return;
    }
  }

  private synchronized void stop() {
    if (stopped.getCount() > 0) {
      asked.countDown();
      server.close();
      stopped.countDown();
    }
  }
}
