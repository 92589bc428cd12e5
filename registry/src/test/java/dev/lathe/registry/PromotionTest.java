package dev.lathe.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.DeploymentPlan.Canary;
import dev.lathe.registry.DeploymentPlan.Shadow;
import dev.lathe.registry.Promotion.Part;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PromotionTest {
  private static final DeploymentPlan LIVE = DeploymentPlan.of("v1");
  private static final DeploymentPlan SHADOW = LIVE.withShadow(new Shadow("v3", Optional.empty()));
  private static final DeploymentPlan BOTH =
      SHADOW.withCanary(new Canary("v2", Optional.of(5.0), Optional.empty()));

  @Test
  void meant_becomesLiveAndTheTrialEnds() {
    assertThat(Promotion.OF_CANARY.apply(Optional.of(BOTH))).isEqualTo(DeploymentPlan.of("v2"));
    assertThat(live(of(Part.SHADOW), BOTH)).isEqualTo("v3");
    assertThat(live(of(Part.SHADOW), SHADOW)).isEqualTo("v3");
    assertThat(live(of("v2"), BOTH)).isEqualTo("v2");
    assertThat(live(of("v3"), BOTH)).isEqualTo("v3");
    assertThat(live(new Promotion(Optional.of(Part.CANARY), Optional.of("v2")), BOTH))
        .isEqualTo("v2");
  }

  @Test
  void anotherThanMeant_staysWhereItIs() {
    refused(Promotion.OF_CANARY, SHADOW, "beside v1: shadow v3 (expected: canary)");
    refused(of("v2"), SHADOW, "beside v1: shadow v3 (expected: v2)");
    refused(of("v1"), BOTH, "beside v1: canary v2, shadow v3 (expected: v1)");
    refused(of(Part.SHADOW), LIVE, "beside v1: nothing (expected: shadow)");
    refused(
        new Promotion(Optional.of(Part.CANARY), Optional.of("v3")),
        BOTH,
        "beside v1: canary v2, shadow v3 (expected: canary v3)");
    assertThatThrownBy(() -> Promotion.OF_CANARY.apply(Optional.empty()))
        .hasMessageContaining("nothing is live");
    assertThatThrownBy(() -> of("latest")).hasMessageContaining("version: \"latest\"");
  }

  private static void refused(Promotion which, DeploymentPlan plan, String said) {
    assertThatThrownBy(() -> which.apply(Optional.of(plan)))
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.code()).isEqualTo(RegistryError.NO_TRIAL))
        .hasMessage("on trial " + said + "; nothing was changed");
  }

  private static String live(Promotion which, DeploymentPlan plan) {
    return which.apply(Optional.of(plan)).live();
  }

  private static Promotion of(String version) {
    return new Promotion(Optional.empty(), Optional.of(version));
  }

  private static Promotion of(Part part) {
    return new Promotion(Optional.of(part), Optional.empty());
  }
}
