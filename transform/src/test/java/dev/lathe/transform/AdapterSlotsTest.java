package dev.lathe.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.transform.AdapterSlots.Site;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Where adapters may stand; that they compute what they should is tested with an engine. */
class AdapterSlotsTest {
  private static Model decoder() {
    GraphBuilder graph = new GraphBuilder("decoder");
    Shape shape = Shape.of(List.of(Dim.of("N"), Dim.of("T")));
    String tokens = graph.input("x", ElementType.INT64, shape);
    String features = graph.add("Gather", weight(graph, "embed.weight", 50, 48), tokens);
    String q = graph.add("MatMul", features, weight(graph, "q.weight", 48, 48));
    String shared = weight(graph, "shared.weight", 48, 48);
    String k = graph.add("MatMul", features, shared);
    String v = graph.add("MatMul", features, shared);
    Map<String, Attribute> heads =
        Map.of(
            "is_causal", Attribute.of(1L),
            "q_num_heads", Attribute.of(2L),
            "kv_num_heads", Attribute.of(2L));
    String mixed = graph.add("Attention", heads, q, k, v);
    String logits = graph.add("MatMul", mixed, weight(graph, "head.weight", 48, 50));
    graph.output(
        logits, ElementType.FLOAT, Shape.of(List.of(Dim.of("N"), Dim.of("T"), Dim.of(50))));
    return Model.of(graph.build()).withOpset("", 23).withIrVersion(11);
  }

  private static String weight(GraphBuilder graph, String name, long... dims) {
    return graph.initializer(name, Tensor.zeros(ElementType.FLOAT, dims));
  }

  @Test
  void sites_areProjectionsOfTokensByAWeightOfTheirOwn() {
    Map<String, Site> sites = AdapterSlots.sites(CachedDecoder.of(decoder()).model());
    assertThat(sites.keySet()).containsExactly("q", "head");
    assertThat(sites.get("q").head()).isFalse();
    assertThat(sites.get("head").head()).isTrue();
    assertThat(sites.get("head").inputs()).isEqualTo(48);
    assertThat(sites.get("head").outputs()).isEqualTo(50);
  }

  @Test
  void weightThatIsTransposedOnceForTwoProducts_isNoSite() {
    GraphBuilder graph = new GraphBuilder("decoder");
    Shape shape = Shape.of(List.of(Dim.of("B"), Dim.of("S")));
    String tokens = graph.input("input_ids", ElementType.INT64, shape);
    String features = graph.add("Gather", weight(graph, "embed.weight", 50, 48), tokens);
    Map<String, Attribute> turned = Map.of("perm", Attribute.ofInts(1, 0));
    String shared = graph.add("Transpose", turned, weight(graph, "shared.weight", 48, 48));
    String k = graph.add("MatMul", features, shared);
    String v = graph.add("MatMul", k, shared);
    String own = graph.add("Transpose", turned, weight(graph, "own.weight", 32, 48));
    graph.output(
        graph.add("MatMul", v, own),
        ElementType.FLOAT,
        Shape.of(List.of(Dim.of("B"), Dim.of("S"), Dim.of(32))));
    Model model = Model.of(graph.build()).withOpset("", 23).withIrVersion(11);
    assertThat(AdapterSlots.sites(model).keySet()).containsExactly("own");
  }

  @Test
  void places_areInputsOfTheSameDecoderInEveryForm() {
    CachedDecoder cached = CachedDecoder.of(decoder());
    List<Site> sites = List.copyOf(AdapterSlots.sites(cached.model()).values());
    for (WeightForm form : WeightForm.values()) {
      Model quantized = QuantizeWeights.apply(cached.model(), form, WeightMemory.offHeap());
      Model adapted = AdapterSlots.insert(quantized, sites);
      assertThat(adapted.graph().inputs().stream().map(ValueInfo::name))
          .containsAll(quantized.graph().inputs().stream().map(ValueInfo::name).toList())
          .contains("adapter_ids", "adapters.0.down", "adapters.1.up");
      assertThat(adapted.graph().outputs()).isEqualTo(quantized.graph().outputs());
      assertThat(CachedDecoder.read(adapted).layers()).isEqualTo(cached.layers());
      assertThat(adapted.graph().initializers())
          .containsAllEntriesOf(quantized.graph().initializers());
    }
  }

  @Test
  void noSites_leaveAllNodes() {
    Model cached = CachedDecoder.of(decoder()).model();
    assertThat(AdapterSlots.insert(cached, List.of()).graph().nodes())
        .isEqualTo(cached.graph().nodes());
  }

  @Test
  void siteOfAnotherGraph_isRefused() {
    Model cached = CachedDecoder.of(decoder()).model();
    Site other = new Site("other", "a", "b", 3, 4, false);
    assertThatThrownBy(() -> AdapterSlots.insert(cached, List.of(other)))
        .hasMessageContaining("sites of adapters [b]");
  }
}
