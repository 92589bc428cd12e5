package dev.lathe.cli;

import dev.lathe.cli.text.Screen;
import dev.lathe.server.JobInfo;
import dev.lathe.server.JobListener;
import dev.lathe.server.JobProgress;
import dev.lathe.server.Lathe;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What Ctrl-C does while a job is followed: a job of this process stops with a checkpoint before
 * the process ends; a job of a server goes on there.
 */
final class Interruption implements JobListener, AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Lathe lathe;
  private final Place place;
  private final Screen screen;
  private final Thread hook = new Thread(this::stop, "interruption");
  private final AtomicReference<@Nullable String> job = new AtomicReference<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean settled;

  Interruption(Lathe lathe, Place place, Screen screen) {
    this.lathe = lathe;
    this.place = place;
    this.screen = screen;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  @Override
  public void accepted(JobInfo accepted) {
    job.set(accepted.id());
  }

  @Override
  public void progress(JobProgress progress) {}

  /** The job has ended by itself, or because it was told to stop. */
  @Override
  public void close() {
    ended.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending: the hook runs, and this ends its wait.
      return;
    }
  }

  /** It was said how the job ended and how to go on with it. */
  void settled() {
    settled = true;
  }

  /** What Ctrl-C runs. */
  void stop() {
    String id = job.get();
    if (id == null || ended.getCount() == 0) {
      return;
    }
    screen.note("");
    if (place.server() != null) {
      screen.note("The job goes on in the server. See: lathe jobs show " + id + place.words());
      return;
    }
    screen.note("Stopping with a checkpoint ...");
    lathe.cancel(id);
    boolean stopped = false;
    try {
      stopped = ended.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (stopped && settled) {
      return;
    }
    String how = stopped ? "Go on with: " : "It did not stop in time. Go on from the last one: ";
    screen.note(how + Training.resumeLine(id, place));
  }
}
