package dev.lathe.server.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.registry.Content;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.Release;
import dev.lathe.serve.Deployments;
import dev.lathe.serve.InferRequest;
import dev.lathe.serve.Lease;
import dev.lathe.serve.ModelVersion;
import dev.lathe.serve.Selector;
import dev.lathe.serve.ServeObserver;
import dev.lathe.serve.ServeOptions;
import dev.lathe.server.OperationConfig;
import dev.lathe.server.ServedModel;
import dev.lathe.server.ServerError;
import dev.lathe.zoo.Linear;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class HealthTest {
  private static final ModelName NAME = ModelName.parse("demo/slow");
  private static final ModelVersion MODEL = new ModelVersion(NAME, "v1");
  private static final Duration HOUR = Duration.ofHours(1);

  @TempDir Path folder;
  private Registry registry;
  private Deployments deployments;

  @BeforeEach
  void open() {
    registry = Registry.open(folder);
    ServedModel.publish(registry, NAME, new Linear(512, 512).build(1));
    deployments = new Deployments(registry, ServeOptions.defaults("prod"), ServeObserver.NONE);
    deployments.refresh();
  }

  @AfterEach
  void close() {
    deployments.close();
    registry.close();
  }

  @Test
  void modelThatAnswers_isReady() {
    try (Health health = health(Duration.ofSeconds(30), true)) {
      health.look();
      assertThat(health.problem(MODEL)).isEmpty();
      awaitReady(health);
      assertThat(deployments.statistics().getFirst().executions()).as("counted").isZero();
    }
  }

  @Test
  void modelThatDoesNotAnswerInTime_isNamedAndMakesTheServerNotReady() {
    try (Health health = health(Duration.ofNanos(1), true)) {
      health.look();
      assertThatThrownBy(() -> health.requireReady(MODEL))
          .isInstanceOfSatisfying(
              LatheException.class, e -> assertThat(e.code()).isEqualTo(ServerError.NOT_READY))
          .hasMessage("demo/slow@v1 does not answer: a run on zeros did not end within 0 ms");
      while (health.problem().orElse("").contains("being loaded")) {
        Thread.onSpinWait();
      }
      assertThatThrownBy(health::requireReady).hasMessageContaining("demo/slow@v1 does not answer");
    }
  }

  @Test
  void realAnswer_isBetterThanAnyProbe() {
    try (Health health = health(Duration.ofNanos(1), true);
        Lease lease = deployments.acquire(NAME, Selector.live("prod"))) {
      lease.model().infer(InferRequest.of(Map.of("x", Tensor.ofFloats(new float[512], 1, 512))));
      health.look();
      assertThat(health.problem(MODEL)).isEmpty();
    }
  }

  @Test
  void serverAlone_isReadyWhateverItsModelsDo() {
    try (Health health = health(Duration.ofNanos(1), false)) {
      health.look();
      assertThat(health.problem(MODEL)).isPresent();
      awaitReady(health);
    }
  }

  @Test
  void modelThatCannotBeLoaded_makesTheServerNotReady() {
    ModelName broken = ModelName.parse("demo/broken");
    Content nonsense = Content.of("nonsense".getBytes(StandardCharsets.UTF_8));
    registry.publish(broken, Release.of(nonsense, Metadata.NONE, "Broken"));
    registry.deploy(broken, "v1", "prod");
    deployments.refresh();
    try (Health whole = health(Duration.ofSeconds(30), true);
        Health server = health(Duration.ofSeconds(30), false)) {
      awaitReady(server);
      assertThat(whole.problem()).hasValue("demo/broken@v1 cannot be loaded");
    }
  }

  @Test
  void drainingServer_isNotReadyThoughItsModelsAnswer() {
    try (Health health = health(Duration.ofSeconds(30), true)) {
      awaitReady(health);
      health.drain(Duration.ZERO);
      assertThat(health.problem()).hasValue("the server is stopping");
      assertThat(health.problem(MODEL)).isEmpty();
    }
  }

  private static void awaitReady(Health health) {
    while (health.problem().isPresent()) {
      Thread.onSpinWait();
    }
  }

  private Health health(Duration timeout, boolean wholeServer) {
    return new Health(deployments, new OperationConfig.Health(HOUR, timeout, wholeServer));
  }
}
