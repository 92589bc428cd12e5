package dev.lathe.train.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.zoo.Activation;
import dev.lathe.zoo.Mlp;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What tells a graph from another, for checkpoints. */
class PlanDigestTest {
  private static Model model(int seed, Activation activation) {
    return new Mlp(3, List.of(4), 1, activation).build(seed);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1L << 30})
  void digest_isOfNodesNamesAndConstants(long mostAtOnce) {
    String one = Plan.digest(model(1, Activation.TANH), mostAtOnce);
    assertThat(Plan.digest(model(1, Activation.TANH), mostAtOnce)).isEqualTo(one);
    assertThat(Plan.digest(model(2, Activation.TANH), mostAtOnce)).isNotEqualTo(one);
    assertThat(Plan.digest(model(1, Activation.RELU), mostAtOnce)).isNotEqualTo(one);
    Model model = model(1, Activation.TANH);
    Map<String, Tensor> renamed = new LinkedHashMap<>();
    model.graph().initializers().forEach((name, tensor) -> renamed.put(name + "_", tensor));
    Model other = model.withGraph(model.graph().withInitializers(renamed));
    assertThat(Plan.digest(other, mostAtOnce)).isNotEqualTo(one);
  }

  @Test
  void digestsOfBothKinds_differ() {
    Model model = model(1, Activation.TANH);
    assertThat(Plan.digest(model, 0)).hasSize(64).isNotEqualTo(Plan.digest(model, 1L << 30));
  }
}
