package dev.lathe.server;

import dev.lathe.ir.Tensor;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The verbs of a server at another address, over HTTP. */
final class RemoteLathe implements Lathe {
  RemoteLathe(URI server) {
    throw new UnsupportedOperationException(server.toString());
  }

  @Override
  public JobInfo train(RecipeSource recipe, JobListener listener) {
    throw new UnsupportedOperationException();
  }

  @Override
  public JobInfo resume(String jobId, JobListener listener) {
    throw new UnsupportedOperationException();
  }

  @Override
  public JobInfo cancel(String jobId) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<JobInfo> jobs() {
    throw new UnsupportedOperationException();
  }

  @Override
  public JobInfo job(String jobId) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<ModelInfo> models() {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<VersionSummary> log(String model) {
    throw new UnsupportedOperationException();
  }

  @Override
  public VersionDetails show(String model, String version) {
    throw new UnsupportedOperationException();
  }

  @Override
  public DeploymentInfo deploy(String model, String version, String environment) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<DeploymentInfo> deployments(String model) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Prediction predict(String model, String version, Map<String, Tensor> inputs) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void checkout(String model, String version, Path directory) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
