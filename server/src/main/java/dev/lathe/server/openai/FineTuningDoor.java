package dev.lathe.server.openai;

import dev.lathe.ir.LatheException;
import dev.lathe.server.Door;
import dev.lathe.server.JobInfo;
import dev.lathe.server.Right;
import dev.lathe.server.Routes;
import dev.lathe.server.ServerError;
import dev.lathe.server.tuning.Tunings;
import io.helidon.common.parameters.Parameters;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /v1/fine_tuning/jobs}. Who may train a model starts jobs over it, and sees and ends all
 * jobs over it; of others nothing is told.
 */
public final class FineTuningDoor implements Door {
  private static final String ALL = "/v1/fine_tuning/jobs";
  private static final String ONE = ALL + "/{id}";
  private static final Pattern NOTE = Pattern.compile("metadata\\[(.{1,64})]");
  private static final int USUAL = 20;
  private static final int MOST = 1000;

  private final Tunings tunings;

  /**
   * A door to the jobs.
   *
   * @param tunings what does it
   */
  public FineTuningDoor(Tunings tunings) {
    this.tunings = tunings;
  }

  @Override
  public void routes(Routes routes) {
    routes.post(Right.TRAIN, ALL, new NamedInBody(this::create));
    routes.get(Right.KNOWN, ALL, this::list);
    routes.get(Right.KNOWN, ONE, this::show);
    routes.post(Right.KNOWN, ONE + "/cancel", this::cancel);
    routes.post(Right.KNOWN, ONE + "/resume", this::resume);
    routes.get(Right.KNOWN, ONE + "/events", this::events);
    routes.get(Right.KNOWN, ONE + "/checkpoints", this::checkpoints);
  }

  private void create(ServerRequest request, ServerResponse response) {
    Parts.send(response, TuningJson.job(tunings.create(TuningBody.read(Bodies.fields(request)))));
  }

  private void list(ServerRequest request, ServerResponse response) {
    Paging paging = Paging.of(request, USUAL, MOST);
    Map<String, String> noted = noted(request.query());
    List<Tunings.Entry> found =
        tunings.list().stream()
            .filter(entry -> entry.tuning().metadata().entrySet().containsAll(noted.entrySet()))
            .toList();
    Parts.send(response, paging.page(found, entry -> TuningJson.id(entry.job()), TuningJson::job));
  }

  /** What {@code metadata[key]=text} asks for. */
  private static Map<String, String> noted(Parameters query) {
    Map<String, String> noted = new HashMap<>();
    for (String name : query.names()) {
      Matcher note = NOTE.matcher(name);
      if (note.matches()) {
        noted.put(note.group(1), query.first(name).orElse(""));
      }
    }
    return noted;
  }

  private void show(ServerRequest request, ServerResponse response) {
    Parts.send(response, TuningJson.job(asked(request)));
  }

  private void cancel(ServerRequest request, ServerResponse response) {
    Parts.send(response, TuningJson.job(tunings.cancel(asked(request).job().id())));
  }

  private void resume(ServerRequest request, ServerResponse response) {
    Parts.send(response, TuningJson.job(tunings.resume(asked(request).job().id())));
  }

  private void events(ServerRequest request, ServerResponse response) {
    JobInfo job = asked(request).job();
    Paging paging = Paging.of(request, USUAL, MOST);
    Parts.send(
        response,
        paging.page(
            TuningJson.events(job, tunings.log(job.id())),
            TuningJson.Event::id,
            event -> TuningJson.event(job, event)));
  }

  private void checkpoints(ServerRequest request, ServerResponse response) {
    Paging paging = Paging.of(request, USUAL, MOST);
    Parts.send(
        response,
        paging.page(
            TuningJson.checkpoints(asked(request).job()),
            node -> node.path("id").asString(""),
            ObjectNode::deepCopy));
  }

  private Tunings.Entry asked(ServerRequest request) {
    String id = request.path().pathParameters().get("id");
    try {
      return tunings.get(
          id.startsWith(TuningJson.PREFIX) ? id.substring(TuningJson.PREFIX.length()) : "");
    } catch (LatheException e) {
      if (e.code() != ServerError.UNKNOWN_JOB) {
        throw e;
      }
      String shown = id.length() > 60 ? id.substring(0, 60) + "…" : id;
      throw new LatheException(
          ServerError.UNKNOWN_JOB, "\"id\": Could not find fine tune: " + shown, e);
    }
  }
}
