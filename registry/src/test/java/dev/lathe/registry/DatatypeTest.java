package dev.lathe.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import org.junit.jupiter.api.Test;

class DatatypeTest {
  @Test
  void names_goBothWays_alsoThoseThatTheProtocolLacks() {
    for (ElementType element : ElementType.values()) {
      assertThat(Datatype.elementOf(Datatype.nameOf(element))).isEqualTo(element);
    }
    assertThat(Datatype.nameOf(ElementType.FLOAT)).isEqualTo("FP32");
    assertThat(Datatype.nameOf(ElementType.INT4)).isEqualTo("INT4");
  }

  @Test
  void onlyNamesOfTheProtocol_areTaken() {
    assertThat(Datatype.of("BYTES")).contains(Datatype.BYTES);
    assertThat(Datatype.of("FLOAT")).isEmpty();
    assertThat(Datatype.of("fp32")).isEmpty();
    assertThatThrownBy(() -> Datatype.parse("x", "FLOAT"))
        .isInstanceOf(LatheException.class)
        .hasMessageStartingWith("input \"x\": datatype \"FLOAT\" (expected: one of [BOOL, UINT8,");
  }
}
