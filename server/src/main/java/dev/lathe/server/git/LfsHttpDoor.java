package dev.lathe.server.git;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.Blob;
import dev.lathe.registry.LfsDoor;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.Sha256;
import dev.lathe.server.Door;
import dev.lathe.server.ErrorMapping;
import dev.lathe.server.Right;
import dev.lathe.server.Routes;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Git LFS over HTTP: the batch API and basic downloads, which can be continued where they broke
 * off.
 *
 * @see <a href="https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md">Batch API</a>
 */
public final class LfsHttpDoor implements Door {
  private static final String OBJECTS = RepositoryPath.PATTERN + "/info/lfs/objects";

  private static final HeaderName API_KEY = HeaderNames.create("X-API-Key");

  private final LfsDoor door;

  /**
   * A door to a registry.
   *
   * @param registry where the models are; not closed by the door
   */
  public LfsHttpDoor(Registry registry) {
    this.door = new LfsDoor(registry);
  }

  @Override
  public void routes(Routes routes) {
    routes.post(Right.PULL, OBJECTS + "/batch", this::batch);
    routes.get(Right.PULL, OBJECTS + "/{oid}", this::download);
  }

  private void batch(ServerRequest request, ServerResponse response) throws IOException {
    try (InputStream body = request.content().inputStream()) {
      ModelName model = RepositoryPath.model(request);
      send(response, door.batch(model, body, oid -> download(request, model, oid)));
    } catch (LatheException e) {
      explain(response, e);
    }
  }

  private void download(ServerRequest request, ServerResponse response) throws IOException {
    String oid = request.path().pathParameters().get("oid");
    try (Blob blob = door.open(RepositoryPath.model(request), oid)) {
      BlobResponse.send(blob, request, response);
    } catch (LatheException e) {
      explain(response, e);
    }
  }

  /** Git LFS sends no credentials to where a batch leads it, but the headers that it is given. */
  private static LfsDoor.Download download(ServerRequest request, ModelName model, Sha256 oid) {
    Map<String, String> header = new LinkedHashMap<>();
    for (HeaderName name : List.of(HeaderNames.AUTHORIZATION, API_KEY)) {
      request.headers().first(name).ifPresent(value -> header.put(name.defaultCase(), value));
    }
    return new LfsDoor.Download(address(request, model, oid), header);
  }

  /** The host was found to be this machine's before any door was asked. */
  private static URI address(ServerRequest request, ModelName model, Sha256 oid) {
    String host = request.headers().first(HeaderNames.HOST).orElse("localhost");
    return URI.create(
        (request.isSecure() ? "https://" : "http://")
            + host
            + "/git/"
            + model
            + ".git/info/lfs/objects/"
            + oid.hex());
  }

  private static void explain(ServerResponse response, LatheException failure) {
    if (response.bytesWritten() > 0) {
      throw failure;
    }
    ErrorMapping.Answer answer = ErrorMapping.answer(failure);
    send(response, LfsDoor.error(answer.status(), answer.message()));
  }

  private static void send(ServerResponse response, LfsDoor.Answer answer) {
    response.headers().set(HeaderNames.CONTENT_TYPE, LfsDoor.MEDIA_TYPE);
    response.status(answer.status());
    response.send(answer.body());
  }
}
