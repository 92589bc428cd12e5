package dev.lathe.server.remote;

import dev.lathe.registry.ModelName;
import dev.lathe.registry.Promotion;
import dev.lathe.serve.TrialReport;
import dev.lathe.server.DeploymentEvent;
import dev.lathe.server.DeploymentInfo;
import dev.lathe.server.DeploymentWish;
import dev.lathe.server.Rollouts;
import dev.lathe.server.remote.ApiClient.Body;
import java.util.List;

/**
 * Rollouts of a server at another address.
 *
 * @param client how it is spoken to
 */
public record RemoteRollouts(ApiClient client) implements Rollouts {
  @Override
  public DeploymentInfo change(String model, DeploymentWish wish) {
    return client.post(path(model), Body.json(wish), DeploymentInfo.class);
  }

  @Override
  public DeploymentInfo promote(String model, String environment, Promotion which) {
    return client.post(
        path(model, environment) + "/promote", Body.json(which), DeploymentInfo.class);
  }

  @Override
  public DeploymentInfo rollback(String model, String environment) {
    return client.post(path(model, environment) + "/rollback", Body.NONE, DeploymentInfo.class);
  }

  @Override
  public List<DeploymentEvent> history(String model, String environment) {
    return List.of(client.get(path(model, environment) + "/history", DeploymentEvent[].class));
  }

  @Override
  public TrialReport trial(String model, String environment) {
    return client.get(path(model, environment) + "/trial", TrialReport.class);
  }

  private static String path(String model) {
    ModelName name = ModelName.parse(model);
    return "/models/" + name.namespace() + "/" + name.name() + "/deployments";
  }

  private static String path(String model, String environment) {
    return path(model) + "/" + ApiClient.segment(environment);
  }
}
