package dev.lathe.server.git;

import dev.lathe.registry.ModelName;
import io.helidon.common.parameters.Parameters;
import io.helidon.webserver.http.ServerRequest;

/** The part of a Git address that names a model: {@code /git/<namespace>/<name>.git}. */
final class RepositoryPath {
  static final String PATTERN = "/git/{namespace}/{repository}";
  private static final String SUFFIX = ".git";

  private RepositoryPath() {}

  /** The model that a request is about; the suffix may be left out, as Git's users do. */
  static ModelName model(ServerRequest request) {
    Parameters path = request.path().pathParameters();
    String repository = path.get("repository");
    String name =
        repository.endsWith(SUFFIX)
            ? repository.substring(0, repository.length() - SUFFIX.length())
            : repository;
    return new ModelName(path.get("namespace"), name);
  }
}
