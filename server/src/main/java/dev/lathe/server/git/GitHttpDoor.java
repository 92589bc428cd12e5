package dev.lathe.server.git;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.GitDoor;
import dev.lathe.registry.GitService;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.RegistryError;
import dev.lathe.server.Door;
import dev.lathe.server.ErrorMapping;
import dev.lathe.server.Right;
import dev.lathe.server.Routes;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * {@code git clone} and {@code git fetch} over smart HTTP. Errors are plain text, which Git shows
 * to the person who typed the command.
 *
 * @see <a href="https://git-scm.com/docs/http-protocol">gitprotocol-http</a>
 */
public final class GitHttpDoor implements Door {
  private static final HeaderName PROTOCOL = HeaderNames.create("Git-Protocol");
  private static final int LONGEST_PROTOCOL = 200;

  private final GitDoor door;

  /**
   * A door to a registry.
   *
   * @param registry where the models are; not closed by the door
   */
  public GitHttpDoor(Registry registry) {
    this.door = new GitDoor(registry);
  }

  @Override
  public void routes(Routes routes) {
    routes.get(Right.PULL, RepositoryPath.PATTERN + "/info/refs", this::advertise);
    routes.post(Right.PULL, RepositoryPath.PATTERN + "/git-upload-pack", this::uploadPack);
    routes.post(Right.PUSH, RepositoryPath.PATTERN + "/git-receive-pack", this::receivePack);
  }

  private void advertise(ServerRequest request, ServerResponse response) {
    try {
      GitService service = GitService.parse(request.query().first("service").orElse(""));
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      door.advertise(RepositoryPath.model(request), service, protocol(request), body);
      headers(response, service.advertisementType()).send(body.toByteArray());
    } catch (LatheException e) {
      explain(response, e);
    }
  }

  private void uploadPack(ServerRequest request, ServerResponse response) throws IOException {
    try {
      ModelName model = RepositoryPath.model(request);
      headers(response, GitService.UPLOAD_PACK.resultType());
      try (InputStream in = request.content().inputStream();
          OutputStream out = new LateStream(response)) {
        door.uploadPack(model, protocol(request), in, out);
      }
    } catch (LatheException e) {
      explain(response, e);
    }
  }

  private void receivePack(ServerRequest request, ServerResponse response) {
    try {
      door.receivePack(RepositoryPath.model(request));
    } catch (LatheException e) {
      explain(response, e);
    }
  }

  private static String protocol(ServerRequest request) {
    String protocol = request.headers().first(PROTOCOL).orElse("");
    if (protocol.length() > LONGEST_PROTOCOL) {
      throw new LatheException(
          RegistryError.BAD_REQUEST,
          "header Git-Protocol: "
              + protocol.length()
              + " characters (expected: at most "
              + LONGEST_PROTOCOL
              + ")");
    }
    return protocol;
  }

  private static ServerResponse headers(ServerResponse response, String type) {
    return response
        .header(HeaderNames.CONTENT_TYPE, type)
        .header(HeaderNames.CACHE_CONTROL, "no-cache");
  }

  private static void explain(ServerResponse response, LatheException failure) {
    if (response.bytesWritten() > 0) {
      throw failure;
    }
    ErrorMapping.Answer answer = ErrorMapping.answer(failure);
    response.headers().set(HeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
    response.status(answer.status());
    response.send(answer.message() + "\n");
  }
}
