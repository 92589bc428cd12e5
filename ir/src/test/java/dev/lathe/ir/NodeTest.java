package dev.lathe.ir;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NodeTest {
  /** Map.of has an order of its own in every process. */
  @Test
  void attributes_areInTheOrderOfTheirNames() {
    Map<String, Attribute> turned = new LinkedHashMap<>();
    turned.put("start", Attribute.of(1L));
    turned.put("end", Attribute.of(2L));
    Node node = Node.of("Shape", List.of("x"), List.of("y")).withAttributes(turned);
    assertThat(node.attributes().keySet()).containsExactly("end", "start");
    assertThat(node.with("a", Attribute.of(3L)).attributes().keySet())
        .containsExactly("a", "end", "start");
  }
}
