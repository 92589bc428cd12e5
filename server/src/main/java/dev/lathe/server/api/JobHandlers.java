package dev.lathe.server.api;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.ModelName;
import dev.lathe.server.JobInfo;
import dev.lathe.server.LocalLathe;
import dev.lathe.server.RecipeSource;
import dev.lathe.server.Right;
import dev.lathe.server.ServerError;
import dev.lathe.server.access.Caller;
import dev.lathe.server.jobs.DataRoot;
import dev.lathe.server.jobs.TrainingBase;
import dev.lathe.train.Recipe;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;

/** The verbs about jobs. */
final class JobHandlers {
  private final LocalLathe lathe;
  private final List<String> recipeTypes;

  JobHandlers(LocalLathe lathe, List<String> recipeTypes) {
    this.lathe = lathe;
    this.recipeTypes = recipeTypes;
  }

  void list(ServerRequest request, ServerResponse response) {
    Answers.json(response, lathe.jobs());
  }

  void get(ServerRequest request, ServerResponse response) {
    Answers.json(response, lathe.job(id(request)));
  }

  /** A recipe from outside may read what lies in the server's data folder and nothing else. */
  void create(ServerRequest request, ServerResponse response) {
    DataRoot root = new DataRoot(lathe.dataFolder());
    RecipeSource source =
        new RecipeSource(Requests.text(request, recipeTypes), root.path()).confined();
    Recipe recipe = Recipe.parse(source.yaml(), "recipe", root.path());
    root.require(recipe);
    TrainingBase.model(recipe).ifPresent(JobHandlers::requireRead);
    accept(response, lathe.submit(source));
  }

  /** Who trains a model further gets what it knows. */
  private static void requireRead(ModelName base) {
    if (!Caller.current().may(Right.READ, base.toString())) {
      throw new LatheException(
          ServerError.NOT_ALLOWED,
          Caller.current().name()
              + " may not read "
              + base
              + " (expected: a scope such as read:"
              + base
              + " for a recipe with it as base)");
    }
  }

  void cancel(ServerRequest request, ServerResponse response) {
    Answers.json(response, lathe.cancel(id(request)));
  }

  void resume(ServerRequest request, ServerResponse response) {
    accept(response, lathe.work().resume(id(request)));
  }

  void schema(ServerRequest request, ServerResponse response) {
    response.header(HeaderNames.CONTENT_TYPE, "application/schema+json");
    response.send(Recipe.jsonSchema());
  }

  private static void accept(ServerResponse response, JobInfo job) {
    response.status(Status.ACCEPTED_202);
    response.header(HeaderNames.LOCATION, "/api/v1/jobs/" + job.id());
    Answers.json(response, job);
  }

  private static String id(ServerRequest request) {
    return Requests.parameter(request, "id");
  }
}
