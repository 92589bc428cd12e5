package dev.lathe.server;

import dev.lathe.registry.Deployment;
import dev.lathe.registry.DeploymentPlan;
import dev.lathe.registry.Lineage;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.TensorSpec;
import dev.lathe.registry.VersionInfo;
import dev.lathe.train.Evaluation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the registry knows, in the records of the verbs. */
final class Views {
  private final Registry registry;

  Views(Registry registry) {
    this.registry = registry;
  }

  ModelInfo model(ModelName name) {
    List<VersionInfo> versions = registry.log(name);
    Map<String, String> live = new LinkedHashMap<>();
    registry.deployments(name).forEach(at -> live.put(at.environment(), at.live()));
    Optional<String> latest = versions.stream().findFirst().map(VersionInfo::version);
    return new ModelInfo(name.toString(), versions.size(), latest, live);
  }

  List<VersionSummary> log(ModelName name) {
    List<Deployment> deployments = registry.deployments(name);
    return registry.log(name).stream().map(version -> summary(version, deployments)).toList();
  }

  VersionDetails details(VersionInfo version) {
    return new VersionDetails(
        version.model().toString(),
        version.version(),
        version.commit(),
        version.time(),
        version.message().strip(),
        version.metadata().task(),
        version.metadata().labels(),
        ports(version.metadata().signature().inputs()),
        ports(version.metadata().signature().outputs()),
        origin(version.metadata().lineage()),
        version.files().stream().map(Views::file).toList(),
        environments(version, registry.deployments(version.model())),
        registry
            .read(version.model(), version.version(), Evaluation.FILE)
            .map(Evaluation::parse)
            .orElse(List.of()));
  }

  static DeploymentInfo deployment(Deployment at) {
    return new DeploymentInfo(
        at.model().toString(),
        at.environment(),
        at.live(),
        at.commit(),
        at.time(),
        at.plan().canary().map(DeploymentPlan.Canary::version),
        at.plan().shadow().map(DeploymentPlan.Shadow::version));
  }

  private static VersionSummary summary(VersionInfo version, List<Deployment> deployments) {
    return new VersionSummary(
        version.model().toString(),
        version.version(),
        version.commit(),
        version.time(),
        version.subject(),
        version.metadata().lineage().metrics(),
        environments(version, deployments));
  }

  private static List<String> environments(VersionInfo version, List<Deployment> deployments) {
    return deployments.stream()
        .filter(at -> at.live().equals(version.version()))
        .map(Deployment::environment)
        .toList();
  }

  private static List<VersionDetails.Port> ports(List<TensorSpec> specs) {
    return specs.stream()
        .map(spec -> new VersionDetails.Port(spec.name(), spec.datatype(), spec.shape()))
        .toList();
  }

  private static VersionDetails.Origin origin(Lineage lineage) {
    return new VersionDetails.Origin(
        lineage.operation(),
        lineage.parents(),
        lineage.recipe().isEmpty() ? Optional.empty() : Optional.of(lineage.recipe()),
        lineage.data().stream()
            .map(seen -> new VersionDetails.DataEntry(seen.name(), seen.sha256(), seen.examples()))
            .toList(),
        lineage.metrics(),
        lineage.seed(),
        lineage.tool());
  }

  private static VersionDetails.FileEntry file(dev.lathe.registry.VersionFile file) {
    return new VersionDetails.FileEntry(
        file.path(),
        file.size(),
        file.storage().name().toLowerCase(java.util.Locale.ROOT),
        file.digest());
  }
}
