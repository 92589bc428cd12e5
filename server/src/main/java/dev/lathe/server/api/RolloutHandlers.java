package dev.lathe.server.api;

import dev.lathe.registry.Promotion;
import dev.lathe.server.DeploymentWish;
import dev.lathe.server.LocalLathe;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/**
 * The verbs about what is live and on trial.
 *
 * @param lathe does it
 */
record RolloutHandlers(LocalLathe lathe) {
  void list(ServerRequest request, ServerResponse response) {
    Answers.json(response, lathe.deployments(Requests.model(request)));
  }

  void deploy(ServerRequest request, ServerResponse response) {
    DeploymentWish wish = Requests.json(request, DeploymentWish.class);
    Answers.json(response, lathe.rollouts().change(Requests.model(request), wish));
  }

  void promote(ServerRequest request, ServerResponse response) {
    Promotion which = Requests.json(request, Promotion.class);
    Answers.json(
        response, lathe.rollouts().promote(Requests.model(request), environment(request), which));
  }

  void rollback(ServerRequest request, ServerResponse response) {
    Answers.json(
        response, lathe.rollouts().rollback(Requests.model(request), environment(request)));
  }

  void history(ServerRequest request, ServerResponse response) {
    Answers.json(response, lathe.rollouts().history(Requests.model(request), environment(request)));
  }

  void trial(ServerRequest request, ServerResponse response) {
    Answers.json(response, lathe.rollouts().trial(Requests.model(request), environment(request)));
  }

  private static String environment(ServerRequest request) {
    return Requests.parameter(request, "environment");
  }
}
