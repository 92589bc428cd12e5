package dev.lathe.server.openai;

import dev.lathe.ir.LatheException;
import dev.lathe.server.Door;
import dev.lathe.server.Right;
import dev.lathe.server.Routes;
import dev.lathe.server.ServerError;
import dev.lathe.server.access.Ask;
import dev.lathe.server.access.Caller;
import dev.lathe.server.files.FileStore;
import dev.lathe.server.files.StoredFile;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /v1/files}. Any valid credentials reach these routes; what is there belongs to the caller
 * who made it, and only who may ask or train models may make something.
 */
public final class FileDoor implements Door {
  private static final String ALL = "/v1/files";
  private static final String ONE = ALL + "/{id}";
  private static final int MOST_LISTED = 10_000;
  private static final HeaderName NO_GUESSING = HeaderNames.create("X-Content-Type-Options");

  private final FileStore store;

  /**
   * A door to the files.
   *
   * @param store where they are
   */
  public FileDoor(FileStore store) {
    this.store = store;
  }

  @Override
  public void routes(Routes routes) {
    routes.post(Right.KNOWN, ALL, this::upload);
    routes.get(Right.KNOWN, ALL, this::list);
    routes.get(Right.KNOWN, ONE, this::show);
    routes.get(Right.KNOWN, ONE + "/content", this::content);
    routes.route(Right.KNOWN, Method.DELETE, ONE, this::delete);
  }

  private void upload(ServerRequest request, ServerResponse response) throws IOException {
    Caller caller = Caller.current();
    if (!caller.may(Right.INFER, Ask.ANY_MODEL) && !caller.may(Right.TRAIN, Ask.ANY_MODEL)) {
      throw refused(caller, Right.INFER);
    }
    String type = request.headers().first(HeaderNames.CONTENT_TYPE).orElse("");
    try (InputStream in = request.content().inputStream();
        FileUpload upload =
            new FileUpload(store, caller.owner(), purpose -> permit(caller, purpose))) {
      Parts.send(response, told(upload.read(Multipart.of(type, in))));
    }
  }

  private static void permit(Caller caller, String purpose) {
    Right right = purpose.equals("fine-tune") ? Right.TRAIN : Right.INFER;
    if (!caller.may(right, Ask.ANY_MODEL)) {
      throw refused(caller, right);
    }
  }

  private static LatheException refused(Caller caller, Right right) {
    return new LatheException(
        ServerError.NOT_ALLOWED,
        caller.name() + " may not " + right.word() + " (expected: a scope such as infer or train)");
  }

  private void list(ServerRequest request, ServerResponse response) {
    String purpose = Paging.text(request.query(), "purpose");
    List<StoredFile> files =
        store.list(Caller.current()).stream()
            .filter(file -> purpose.isEmpty() || file.purpose().equals(purpose))
            .toList();
    Paging paging = Paging.of(request, MOST_LISTED, MOST_LISTED);
    Parts.send(response, paging.page(files, StoredFile::id, FileDoor::told));
  }

  private void show(ServerRequest request, ServerResponse response) {
    Parts.send(response, told(asked(request)));
  }

  private StoredFile asked(ServerRequest request) {
    return store.find(Caller.current(), request.path().pathParameters().get("id"));
  }

  private void content(ServerRequest request, ServerResponse response) throws IOException {
    StoredFile file = asked(request);
    try (InputStream in = store.open(file)) {
      response.header(HeaderNames.CONTENT_TYPE, "application/octet-stream");
      response.header(NO_GUESSING, "nosniff");
      String name = URLEncoder.encode(file.filename(), StandardCharsets.UTF_8).replace("+", "%20");
      response.header(HeaderNames.CONTENT_DISPOSITION, "attachment; filename*=UTF-8''" + name);
      response.contentLength(file.bytes());
      if (file.bytes() == 0) {
        response.send();
        return;
      }
      try (OutputStream out = response.outputStream()) {
        in.transferTo(out);
      }
    }
  }

  private void delete(ServerRequest request, ServerResponse response) {
    String id = request.path().pathParameters().get("id");
    store.delete(Caller.current(), id);
    ObjectNode answer = Bodies.JSON.createObjectNode();
    Parts.send(response, answer.put("id", id).put("object", "file").put("deleted", true));
  }

  private static ObjectNode told(StoredFile file) {
    ObjectNode node = Bodies.JSON.createObjectNode();
    node.put("id", file.id()).put("object", "file").put("bytes", file.bytes());
    node.put("created_at", file.created().getEpochSecond());
    file.expires().ifPresent(time -> node.put("expires_at", time.getEpochSecond()));
    node.put("filename", file.filename()).put("purpose", file.purpose());
    return node.put("status", "processed").putNull("status_details");
  }
}
