package dev.lathe.server.api;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ApiJson;
import dev.lathe.server.ExplainRequest;
import dev.lathe.server.ImportWish;
import dev.lathe.server.LocalLathe;
import dev.lathe.server.ServerError;
import dev.lathe.server.importing.HubReference;
import dev.lathe.server.release.Packed;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;

/** The verbs about models. */
final class ModelHandlers {
  private static final int LARGEST_PREDICTION = 16 << 20;

  private final LocalLathe lathe;

  ModelHandlers(LocalLathe lathe) {
    this.lathe = lathe;
  }

  void list(ServerRequest request, ServerResponse response) {
    Answers.json(response, lathe.models());
  }

  void get(ServerRequest request, ServerResponse response) {
    Answers.json(response, lathe.model(Requests.model(request)));
  }

  void log(ServerRequest request, ServerResponse response) {
    Answers.json(response, lathe.log(Requests.model(request)));
  }

  void show(ServerRequest request, ServerResponse response) {
    Answers.json(response, lathe.show(Requests.model(request), version(request)));
  }

  void release(ServerRequest request, ServerResponse response) {
    String message = request.query().first("message").orElse("");
    try (InputStream zip = Requests.stream(request, List.of(Packed.MEDIA_TYPE))) {
      Answers.json(response, lathe.release(Requests.model(request), zip, message));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void importFolder(ServerRequest request, ServerResponse response) {
    String message = request.query().first("message").orElse("");
    String base = request.query().first("base").orElse("");
    try (InputStream zip = Requests.stream(request, List.of(Packed.MEDIA_TYPE))) {
      Answers.json(response, lathe.importModel(Requests.model(request), zip, base, message));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the server itself can read is not for those who ask over HTTP. */
  void importFromHub(ServerRequest request, ServerResponse response) {
    ImportWish wish = Requests.json(request, ImportWish.class);
    String source = HubReference.parse(wish.source()).toString();
    String base = wish.base().orElse("");
    Answers.json(
        response, lathe.importAdapter(Requests.model(request), base, source, wish.message()));
  }

  void predict(ServerRequest request, ServerResponse response) {
    PredictRequest body =
        ApiJson.readRequest(
            Requests.body(request, LARGEST_PREDICTION, List.of("application/json")),
            PredictRequest.class);
    String version = body.version().orElse("");
    Answers.json(response, lathe.predict(Requests.model(request), version, body.inputs()));
  }

  void explain(ServerRequest request, ServerResponse response) {
    ExplainRequest body =
        ApiJson.readRequest(
            Requests.body(request, LARGEST_PREDICTION, List.of("application/json")),
            ExplainRequest.class);
    Answers.json(response, lathe.explain(Requests.model(request), body));
  }

  void file(ServerRequest request, ServerResponse response) throws IOException {
    String wanted = Requests.parameter(request, "path");
    Path folder = lathe.files(Requests.model(request), version(request));
    Path file = folder.resolve(wanted).normalize();
    if (!file.startsWith(folder) || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new LatheException(
          ServerError.NOT_FOUND,
          "file \"" + wanted + "\": version " + version(request) + " has none such");
    }
    response.header(HeaderNames.CONTENT_TYPE, "application/octet-stream");
    response.contentLength(Files.size(file));
    try (OutputStream out = response.outputStream()) {
      Files.copy(file, out);
    }
  }

  private static String version(ServerRequest request) {
    return Requests.parameter(request, "version");
  }
}
