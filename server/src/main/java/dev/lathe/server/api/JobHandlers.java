package dev.lathe.server.api;

import dev.lathe.server.JobInfo;
import dev.lathe.server.LocalLathe;
import dev.lathe.server.RecipeSource;
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
    TrainingBase.model(recipe).ifPresent(TrainingBase::requireRead);
    accept(response, lathe.submit(source));
  }

  void cancel(ServerRequest request, ServerResponse response) {
    Answers.json(response, lathe.cancel(id(request)));
  }

  void resume(ServerRequest request, ServerResponse response) {
    String id = id(request);
    TrainingBase.requireRead(lathe.work().folder(id));
    accept(response, lathe.work().resume(id));
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
