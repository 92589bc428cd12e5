package dev.lathe.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.registry.ModelName;
import dev.lathe.registry.Serving;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What grows after it was loaded, as a text model does that takes adapters, has others let go. */
class MemoryBudgetTest {
  private final MemoryBudget budget = new MemoryBudget(100, Duration.ofMillis(10));
  private final List<Set<Served>> asked = new ArrayList<>();
  private final Served grown = served("grown");
  private final Served idle = served("idle");

  private static Served served(String name) {
    return new Served(new ModelVersion(new ModelName("demo", name), "v1"), Serving.NONE);
  }

  private boolean letGo(Served wanted, Set<Served> leaving) {
    asked.add(leaving);
    if (leaving.contains(idle) || budget.charge(idle) == 0) {
      return false;
    }
    budget.leaves(idle);
    return true;
  }

  private void load() {
    budget.reserve(grown, 40, this::letGo);
    budget.reserve(idle, 40, this::letGo);
    assertThat(asked).isEmpty();
  }

  @Test
  void growthWithinTheBudget_letsNothingGo() {
    load();
    budget.grow(grown, 20);
    budget.makeRoom(grown, this::letGo);
    assertThat(asked).isEmpty();
    assertThat(budget.used()).isEqualTo(100);
  }

  @Test
  void growthBeyondTheBudget_letsOthersGo_untilItFitsOrAllIsHeld() {
    load();
    budget.grow(grown, 30);
    budget.makeRoom(grown, this::letGo);
    assertThat(asked).containsExactly(Set.of(grown));
    budget.release(idle);
    assertThat(budget.used()).isEqualTo(70);
    budget.grow(grown, 50);
    budget.makeRoom(grown, this::letGo);
    assertThat(asked).as("asked once more, in vain").hasSize(2);
    assertThat(budget.used()).isEqualTo(120);
  }
}
