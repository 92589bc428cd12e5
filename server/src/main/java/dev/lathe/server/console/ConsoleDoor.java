package dev.lathe.server.console;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.DeploymentChange;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.server.DeploymentInfo;
import dev.lathe.server.Door;
import dev.lathe.server.ErrorMapping;
import dev.lathe.server.JobInfo;
import dev.lathe.server.Lathe;
import dev.lathe.server.Right;
import dev.lathe.server.Routes;
import dev.lathe.server.VersionDetails;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The console: models, versions, jobs, and a box to draw in. */
public final class ConsoleDoor implements Door {
  private static final int NEWEST_JOBS = 10;
  private static final int MOST_JOBS = 200;
  private static final HeaderName POLICY = HeaderNames.create("Content-Security-Policy");
  private static final HeaderName NO_SNIFF = HeaderNames.create("X-Content-Type-Options");
  private static final HeaderName REFERRER = HeaderNames.create("Referrer-Policy");
  private static final String ONLY_OURS =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
          + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private final Lathe lathe;
  private final Registry registry;

  /**
   * A console over the verbs.
   *
   * @param lathe the verbs
   * @param registry for the environments' histories
   */
  public ConsoleDoor(Lathe lathe, Registry registry) {
    this.lathe = lathe;
    this.registry = registry;
  }

  @Override
  public void routes(Routes routes) {
    routes
        .get(Right.READ, "/", page(this::home))
        .get(Right.TRAIN, "/jobs", page(request -> new JobsPage(newest(MOST_JOBS)).page()))
        .get(Right.TRAIN, "/jobs/{id}", page(this::job))
        .get(Right.READ, "/models/{namespace}/{name}", page(this::model))
        .get(Right.NONE, "/favicon.ico", (request, response) -> send(response, Asset.ICON));
    for (Asset asset : Asset.values()) {
      routes.get(
          Right.NONE, "/console/" + asset.file(), (request, response) -> send(response, asset));
    }
  }

  private Page home(ServerRequest request) {
    return new HomePage(lathe.models(), newest(NEWEST_JOBS)).page();
  }

  private Page job(ServerRequest request) {
    return new JobPage(lathe.job(request.path().pathParameters().get("id"))).page();
  }

  private Page model(ServerRequest request) {
    String model =
        request.path().pathParameters().get("namespace")
            + "/"
            + request.path().pathParameters().get("name");
    VersionDetails shown = lathe.show(model, request.query().first("version").orElse("latest"));
    return new ModelPage(address(request), lathe.log(model), shown, histories(model)).page();
  }

  private Map<String, List<DeploymentChange>> histories(String model) {
    Map<String, List<DeploymentChange>> histories = new LinkedHashMap<>();
    for (DeploymentInfo live : lathe.deployments(model)) {
      histories.put(
          live.environment(), registry.history(ModelName.parse(model), live.environment()));
    }
    return histories;
  }

  private List<JobInfo> newest(int most) {
    return lathe.jobs().stream().limit(most).toList();
  }

  /** The name that the browser used; the server lets only loopback names through. */
  private static String address(ServerRequest request) {
    return (request.isSecure() ? "https://" : "http://")
        + request.headers().first(HeaderNames.HOST).orElse("127.0.0.1");
  }

  /** Errors are pages here, with the status that every door gives them. */
  private static Handler page(Function<ServerRequest, Page> maker) {
    return (request, response) -> {
      try {
        send(response, maker.apply(request));
      } catch (LatheException e) {
        ErrorMapping.Answer answer = ErrorMapping.answer(e);
        response.status(Status.create(answer.status()));
        send(response, failure(answer));
      }
    };
  }

  private static Page failure(ErrorMapping.Answer answer) {
    Html body =
        Html.of(
            "<h1>{}</h1>\n<p class=\"error\" id=\"error\">{}</p>\n<p><a href=\"/\">Models</a></p>",
            answer.status() == 404 ? "Not found" : "That did not work",
            answer.message());
    return new Page("Error " + answer.status(), body, List.of());
  }

  private static void send(ServerResponse response, Page page) {
    response.header(HeaderNames.CACHE_CONTROL, "no-store");
    send(response, "text/html; charset=utf-8", page.html().markup());
  }

  private static void send(ServerResponse response, String mediaType, String text) {
    protect(response);
    response.header(HeaderNames.CONTENT_TYPE, mediaType);
    response.send(text.getBytes(StandardCharsets.UTF_8));
  }

  private static void send(ServerResponse response, Asset asset) {
    protect(response);
    response.header(HeaderNames.CACHE_CONTROL, "no-cache");
    response.header(HeaderNames.CONTENT_TYPE, asset.mediaType());
    response.send(asset.content());
  }

  private static void protect(ServerResponse response) {
    response.header(POLICY, ONLY_OURS);
    response.header(NO_SNIFF, "nosniff");
    response.header(REFERRER, "no-referrer");
  }
}
