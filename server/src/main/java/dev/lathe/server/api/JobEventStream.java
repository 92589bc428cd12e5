package dev.lathe.server.api;

import dev.lathe.server.ApiJson;
import dev.lathe.server.JobInfo;
import dev.lathe.server.jobs.JobEvent;
import dev.lathe.server.jobs.JobEvents;
import dev.lathe.server.jobs.Jobs;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What happens to a job as server-sent events. An event's id is {@code <attempt>.<number>}, the
 * last one's {@code <attempt>.done}; a client that comes back with it in {@code Last-Event-ID} goes
 * on after it. A client that reads slowly holds up its own connection only.
 *
 * @see <a href="https://html.spec.whatwg.org/multipage/server-sent-events.html">Server-sent
 *     events</a>
 */
final class JobEventStream {
  private static final HeaderName LAST = HeaderNames.create("Last-Event-ID");
  private static final Duration HEARTBEAT = Duration.ofSeconds(10);
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final String DONE = ".done";
  private static final byte[] COMMENT = ": \n\n".getBytes(StandardCharsets.UTF_8);

  private final Jobs jobs;

  JobEventStream(Jobs jobs) {
    this.jobs = jobs;
  }

  void follow(ServerRequest request, ServerResponse response)
      throws IOException, InterruptedException {
    String id = Requests.parameter(request, "id");
    String last = request.headers().first(LAST).orElse("");
    Optional<JobEvents> events = jobs.events(id);
    JobInfo job = jobs.get(id);
    if (last.endsWith(DONE) && job.state().ended()) {
      // The specification's way to tell a client not to come back.
      response.status(Status.NO_CONTENT_204).send();
      return;
    }
    response.header(HeaderNames.CONTENT_TYPE, "text/event-stream");
    response.header(HeaderNames.CACHE_CONTROL, "no-store");
    try (OutputStream out = response.outputStream()) {
      if (events.isPresent()) {
        send(events.get(), last, out);
      } else {
        watch(job, out);
      }
    }
  }

  private static void send(JobEvents events, String last, OutputStream out)
      throws IOException, InterruptedException {
    long seen = seen(last, events.attempt());
    boolean done = false;
    while (!done) {
      var batch = events.after(seen, HEARTBEAT);
      for (JobEvent.Numbered event : batch) {
        out.write(text(event, events.attempt()));
        seen = event.number();
        done = event.event() instanceof JobEvent.Done;
      }
      if (batch.isEmpty()) {
        done = events.ended();
        out.write(COMMENT);
      }
      out.flush();
    }
  }

  /** Follows a job that another process works on, by what it writes to disk. */
  private void watch(JobInfo first, OutputStream out) throws IOException, InterruptedException {
    JobInfo job = first;
    while (!job.state().ended()) {
      out.write(job.progress().map(p -> text("", "progress", p)).orElse(COMMENT));
      out.flush();
      if (jobs.closesWithin(LOOK)) {
        return;
      }
      job = jobs.get(job.id());
    }
    out.write(text("0" + DONE, "done", job));
  }

  /** The place in this attempt that a client has seen; 0 if it has seen another attempt. */
  private static long seen(String last, int attempt) {
    String prefix = attempt + ".";
    String number = last.startsWith(prefix) ? last.substring(prefix.length()) : "";
    return number.matches("[0-9]{1,18}") ? Long.parseLong(number) : 0;
  }

  private static byte[] text(JobEvent.Numbered numbered, int attempt) {
    String id = attempt + "." + numbered.number();
    return switch (numbered.event()) {
      case JobEvent.State(JobInfo job) -> text(id, "state", job);
      case JobEvent.Progress(var progress) -> text(id, "progress", progress);
      case JobEvent.Log(String line) -> text(id, "log", Map.of("line", line));
      case JobEvent.Done(JobInfo job) -> text(attempt + DONE, "done", job);
    };
  }

  /** One event. JSON on one line holds no line break, so one data line is enough. */
  private static byte[] text(String id, String type, Object data) {
    String json = new String(ApiJson.bytes(data), StandardCharsets.UTF_8);
    String idLine = id.isEmpty() ? "" : "id: " + id + "\n";
    return (idLine + "event: " + type + "\ndata: " + json + "\n\n")
        .getBytes(StandardCharsets.UTF_8);
  }
}
