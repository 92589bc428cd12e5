package dev.lathe.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.registry.DeploymentPlan;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A model that was loaded by request, to be served otherwise than its deployment says. */
@Timeout(60)
class AdjustedServingTest {
  private static final Selector PROD = Selector.live("prod");
  private static final Map<String, String> SIXTEEN = Map.of("serving.max_batch_rows", "16");

  private final AddingSource source = new AddingSource();
  private final Deployments deployments =
      new Deployments(
          source,
          new ServeOptions(
              "prod",
              BatchPolicy.defaults(),
              2,
              2,
              Duration.ofHours(1),
              Duration.ofHours(1),
              1 << 30),
          ServeObserver.NONE);

  @AfterEach
  void stop() {
    deployments.close();
  }

  @Test
  void settings_holdUntilTheModelIsLoadedWithoutThem() {
    assertThat(rows()).isEqualTo(64);
    deployments.load(AddingSource.MODEL, SIXTEEN);
    assertThat(rows()).isEqualTo(16);
    deployments.refresh();
    assertThat(rows()).isEqualTo(16);
    deployments.load(AddingSource.MODEL, Map.of());
    assertThat(rows()).isEqualTo(64);
  }

  @Test
  void settings_holdForWhatWasUnloaded_andNotBeyondTheNextUnload() {
    deployments.unload(AddingSource.MODEL);
    deployments.load(AddingSource.MODEL, SIXTEEN);
    assertThat(rows()).isEqualTo(16);
    deployments.unload(AddingSource.MODEL);
    deployments.load(AddingSource.MODEL, Map.of());
    assertThat(rows()).isEqualTo(64);
  }

  @Test
  void settings_endWithTheDeploymentThatTheyWereGivenFor() {
    deployments.load(AddingSource.MODEL, SIXTEEN);
    source.plan = DeploymentPlan.of("v2");
    deployments.refresh();
    assertThat(rows()).isEqualTo(64);
  }

  @Test
  void settingsThatCannotBe_leaveAllAsItWas() {
    deployments.load(AddingSource.MODEL, SIXTEEN);
    refused(Map.of("serving.max_batch_rows", "0"), ErrorKind.INVALID, "1 to 1048576");
    refused(Map.of("serving.max_batch_rwos", "1"), ErrorKind.INVALID, "max_batch_rwos");
    Map<String, String> stateless =
        Map.of("serving.sequence", "{state: [{input: none, output: none}]}");
    refused(stateless, ErrorKind.UNAVAILABLE, "cannot be loaded");
    assertThat(rows()).isEqualTo(16);
    deployments.unload(AddingSource.MODEL);
    refused(stateless, ErrorKind.UNAVAILABLE, "cannot be loaded");
    assertThat(deployments.isUnloaded(AddingSource.MODEL)).isTrue();
  }

  private void refused(Map<String, String> settings, ErrorKind kind, String message) {
    assertThatThrownBy(() -> deployments.load(AddingSource.MODEL, settings))
        .isInstanceOfSatisfying(LatheException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessageContaining(message);
  }

  private int rows() {
    try (Lease lease = deployments.acquire(AddingSource.MODEL, PROD)) {
      return lease.model().policy().maxRows();
    }
  }
}
