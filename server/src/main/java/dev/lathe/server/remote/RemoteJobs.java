package dev.lathe.server.remote;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ApiJson;
import dev.lathe.server.JobInfo;
import dev.lathe.server.JobListener;
import dev.lathe.server.JobProgress;
import dev.lathe.server.ServerError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** Follows a job on a server to its end, over broken connections too. */
public final class RemoteJobs {
  private static final int MOST_FAILURES = 10;
  private static final Duration PAUSE = Duration.ofMillis(500);

  private final ApiClient client;

  /**
   * Jobs of a server.
   *
   * @param client speaks to it; not closed
   */
  public RemoteJobs(ApiClient client) {
    this.client = client;
  }

  /**
   * Tells a listener what happens to a job.
   *
   * @param accepted the job
   * @param listener hears on this thread
   * @return the job as it ended
   * @throws LatheException UNREACHABLE if the server went away and did not come back; the job then
   *     goes on there, or can be resumed
   */
  public JobInfo follow(JobInfo accepted, JobListener listener) {
    listener.accepted(accepted);
    String path = "/jobs/" + accepted.id();
    Follower follower = new Follower(listener);
    int failures = 0;
    while (true) {
      String before = follower.last;
      Optional<JobInfo> done = listen(path, follower);
      JobInfo job = done.isPresent() ? done.get() : state(path, failures);
      if (job.state().ended()) {
        return job;
      }
      failures = follower.last.equals(before) ? failures + 1 : 0;
      client.pause(PAUSE);
    }
  }

  /** Listens until the job ends or the connection does. */
  private Optional<JobInfo> listen(String path, Follower follower) {
    try (InputStream in =
        client.open(path + "/events", follower.last).orElse(InputStream.nullInputStream())) {
      EventReader events = new EventReader(in);
      Optional<EventReader.Event> event = events.next();
      while (event.isPresent()) {
        Optional<JobInfo> done = follower.hear(event.get());
        if (done.isPresent()) {
          return done;
        }
        event = events.next();
      }
    } catch (IOException e) {
      // The connection broke; whether the job goes on is asked next.
      return Optional.empty();
    } catch (LatheException e) {
      if (e.code() != ServerError.UNREACHABLE) {
        throw e;
      }
    }
    return Optional.empty();
  }

  private JobInfo state(String path, int failures) {
    for (int i = failures; ; i++) {
      try {
        return client.get(path, JobInfo.class);
      } catch (LatheException e) {
        if (e.code() != ServerError.UNREACHABLE || i >= MOST_FAILURES) {
          throw e;
        }
        client.pause(PAUSE);
      }
    }
  }

  private static final class Follower {
    private final JobListener listener;
    private String last = "";

    Follower(JobListener listener) {
      this.listener = listener;
    }

    Optional<JobInfo> hear(EventReader.Event event) {
      byte[] data = event.data().getBytes(StandardCharsets.UTF_8);
      last = event.id().isEmpty() ? last : event.id();
      switch (event.type()) {
        case "progress" -> listener.progress(ApiJson.read(data, JobProgress.class));
        case "log" -> listener.log(ApiJson.read(data, Line.class).line());
        case "done" -> {
          return Optional.of(ApiJson.read(data, JobInfo.class));
        }
        default -> {
          // A newer server may say more than this client understands.
          return Optional.empty();
        }
      }
      return Optional.empty();
    }
  }

  private record Line(String line) {}
}
