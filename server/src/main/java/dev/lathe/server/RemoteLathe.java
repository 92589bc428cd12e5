package dev.lathe.server;

import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.registry.ModelName;
import dev.lathe.server.importing.CheckpointFiles;
import dev.lathe.server.importing.HubReference;
import dev.lathe.server.release.Packed;
import dev.lathe.server.remote.ApiClient;
import dev.lathe.server.remote.ApiClient.Body;
import dev.lathe.server.remote.RemoteCheckout;
import dev.lathe.server.remote.RemoteJobs;
import dev.lathe.server.remote.RemoteKeys;
import dev.lathe.server.remote.RemoteRollouts;
import dev.lathe.server.remote.RemoteTexts;
import dev.lathe.server.speak.RemoteSpeaker;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Consumer;

/** The verbs of a server at another address, over HTTP. */
final class RemoteLathe implements Lathe {
  private final ApiClient client;
  private final RemoteJobs remoteJobs;

  RemoteLathe(URI server, String key) {
    this.client = new ApiClient(server, key);
    this.remoteJobs = new RemoteJobs(client);
  }

  @Override
  public JobInfo train(RecipeSource recipe, JobListener listener) {
    return remoteJobs.follow(submit(recipe), listener);
  }

  /** Sends a recipe; the server does not know what the caller calls it. */
  private JobInfo submit(RecipeSource recipe) {
    try {
      return client.post("/jobs", Body.yaml(recipe.yaml()), JobInfo.class);
    } catch (LatheException e) {
      String unnamed = RecipeSource.UNNAMED + ":";
      if (e.kind() != ErrorKind.INVALID || !e.getMessage().startsWith(unnamed)) {
        throw e;
      }
      String message = recipe.name() + ":" + e.getMessage().substring(unnamed.length());
      throw new LatheException(e.code(), message, e);
    }
  }

  @Override
  public JobInfo resume(String jobId, JobListener listener) {
    return remoteJobs.follow(
        client.post(job(jobId, "/resume"), Body.NONE, JobInfo.class), listener);
  }

  @Override
  public JobInfo cancel(String jobId) {
    return client.post(job(jobId, "/cancel"), Body.NONE, JobInfo.class);
  }

  @Override
  public List<JobInfo> jobs() {
    return List.of(client.get("/jobs", JobInfo[].class));
  }

  @Override
  public JobInfo job(String jobId) {
    return client.get(job(jobId, ""), JobInfo.class);
  }

  @Override
  public List<ModelInfo> models() {
    return List.of(client.get("/models", ModelInfo[].class));
  }

  @Override
  public List<VersionSummary> log(String model) {
    return List.of(client.get(model(model) + "/versions", VersionSummary[].class));
  }

  @Override
  public VersionDetails show(String model, String version) {
    String path = model(model) + "/versions/" + ApiClient.segment(version);
    return client.get(path, VersionDetails.class);
  }

  @Override
  public VersionDetails release(String model, Path source, String message) {
    String path = model(model) + "/versions?message=" + ApiClient.segment(message);
    return sent(path, packed -> Packed.pack(source, packed));
  }

  @Override
  public VersionDetails importModel(String model, String source, String message) {
    return importAdapter(model, "", source, message);
  }

  @Override
  public VersionDetails importAdapter(String model, String base, String source, String message) {
    if (source.startsWith(HubReference.SCHEME)) {
      ImportWish wish =
          new ImportWish(
              HubReference.parse(source).toString(),
              message,
              Optional.of(base).filter(named -> !named.isEmpty()));
      return client.await(model(model) + "/imports/hub", Body.json(wish), VersionDetails.class);
    }
    String path = model(model) + "/imports?message=" + ApiClient.segment(message);
    if (!base.isEmpty()) {
      path += "&base=" + ApiClient.segment(base);
    }
    SortedMap<String, Path> files = CheckpointFiles.of(Path.of(source));
    return sent(path, packed -> Packed.pack(files, packed));
  }

  @Override
  public DeploymentInfo deploy(String model, String version, String environment) {
    return rollouts().change(model, DeploymentWish.live(version, environment));
  }

  @Override
  public Rollouts rollouts() {
    return new RemoteRollouts(client);
  }

  @Override
  public List<DeploymentInfo> deployments(String model) {
    return List.of(client.get(model(model) + "/deployments", DeploymentInfo[].class));
  }

  @Override
  public Prediction predict(String model, String version, Map<String, Tensor> inputs) {
    Map<String, Object> question =
        version.isEmpty() ? Map.of("inputs", inputs) : Map.of("version", version, "inputs", inputs);
    return client.post(model(model) + "/predict", Body.json(question), Prediction.class);
  }

  @Override
  public TextReply speak(
      String model, String version, TextQuestion question, Consumer<String> listener) {
    String asked = version.isEmpty() ? model : model + "@" + version;
    return new RemoteSpeaker(client).answer(asked, question, listener);
  }

  @Override
  public Explained explain(String model, ExplainRequest request) {
    return client.post(model(model) + "/explain", Body.json(request), Explained.class);
  }

  @Override
  public void checkout(String model, String version, Path directory) {
    new RemoteCheckout(client).write(show(model, version), directory);
  }

  @Override
  public Texts texts() {
    return new RemoteTexts(client);
  }

  @Override
  public Keys keys() {
    return new RemoteKeys(client);
  }

  @Override
  public void close() {
    client.close();
  }

  /** Sends what is packed into a file on its way. */
  private VersionDetails sent(String path, Consumer<Path> packing) {
    try {
      Path packed = Files.createTempFile("lathe-release", ".zip");
      try {
        packing.accept(packed);
        return client.upload(path, packed, VersionDetails.class);
      } finally {
        Files.deleteIfExists(packed);
      }
    } catch (IOException e) {
      throw new LatheException(
          ServerError.BAD_SOURCE, "the files cannot be packed: " + e.getMessage(), e);
    }
  }

  private static String model(String name) {
    ModelName parsed = ModelName.parse(name);
    return "/models/" + parsed.namespace() + "/" + parsed.name();
  }

  private static String job(String id, String rest) {
    return "/jobs/" + ApiClient.segment(id) + rest;
  }
}
