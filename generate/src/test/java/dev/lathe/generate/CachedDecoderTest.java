package dev.lathe.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Graph;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import dev.lathe.transform.CachedDecoder;
import dev.lathe.zoo.Gpt;
import dev.lathe.zoo.Llama;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CachedDecoderTest {
  private static Model llama(Llama.Size size, Gpt.Head head) {
    Model model = new Llama(96, 64, size, Llama.Constants.STANDARD, head).build(5);
    return spread(model, 8);
  }

  /** Weights large enough that attention is not uniform and a wrong place shows. */
  private static Model spread(Model model, float factor) {
    Map<String, Tensor> weights = new LinkedHashMap<>();
    model
        .graph()
        .initializers()
        .forEach(
            (name, tensor) -> {
              float[] values = tensor.toFloats();
              for (int i = 0; i < values.length; i++) {
                values[i] *= name.contains("norm") ? 1 + i % 5 * 0.1f : factor;
              }
              weights.put(name, Tensor.ofFloats(values, tensor.dims()));
            });
    return model.withGraph(model.graph().withInitializers(weights));
  }

  private static float worst(Model plain) {
    return worst(plain, CachedDecoder.of(plain));
  }

  private static float worst(Model plain, CachedDecoder decoder) {
    try (CacheCases cases = new CacheCases(plain, decoder, 40, 7)) {
      return cases.worst();
    }
  }

  @Test
  void llama_givesTheSameLogitsInEveryUseOfTheCache() {
    Model plain = llama(new Llama.Size(64, 96, 2, 4, 2), Gpt.Head.OWN);
    CachedDecoder decoder = CachedDecoder.of(plain);
    assertThat(decoder.takesPositions()).isFalse();
    assertThat(decoder.context()).isEqualTo(64);
    assertThat(decoder.vocabulary()).isEqualTo(96);
    assertThat(decoder.layers())
        .containsExactly(new CachedDecoder.Cache(2, 16), new CachedDecoder.Cache(2, 16));
    assertThat(decoder.bytesPerToken()).isEqualTo(2 * 2 * 2 * 16 * 4);
    assertThat(worst(plain, decoder)).isLessThan(2e-5f);
  }

  @Test
  void tiedHead_givesTheSameLogits() {
    assertThat(worst(llama(new Llama.Size(64, 96, 2, 4, 4), Gpt.Head.TIED))).isLessThan(2e-5f);
  }

  /** A head of 8 is too small for the kernel's own rotation: it stays outside. */
  @Test
  void headsTooSmallToBeTurnedByTheKernel_areTurnedBefore() {
    Model plain = llama(new Llama.Size(32, 96, 2, 4, 2), Gpt.Head.OWN);
    CachedDecoder decoder = CachedDecoder.of(plain);
    assertThat(decoder.takesPositions()).isTrue();
    assertThat(decoder.context()).isEqualTo(64);
    assertThat(worst(plain, decoder)).isLessThan(2e-5f);
  }

  @Test
  void slidingWindow_isTheKernelsWindow() {
    for (long window : new long[] {1, 7, 16}) {
      Model plain = windowed(llama(new Llama.Size(64, 96, 2, 4, 2), Gpt.Head.OWN), window);
      assertThat(worst(plain)).as("window %d", window).isLessThan(2e-5f);
    }
  }

  @Test
  void softCapAndScale_areTheKernels() {
    Model plain = llama(new Llama.Size(64, 96, 2, 4, 2), Gpt.Head.OWN);
    Model capped =
        attention(
            plain,
            node -> node.with("softcap", Attribute.of(3f)).with("scale", Attribute.of(0.4f)));
    assertThat(worst(capped)).isLessThan(2e-5f);
  }

  private static Model attention(Model model, java.util.function.UnaryOperator<Node> change) {
    return model.withGraph(
        model
            .graph()
            .withNodes(
                model.graph().nodes().stream()
                    .map(node -> node.op().equals("Attention") ? change.apply(node) : node)
                    .toList()));
  }

  /** The mask of a sliding window, as importers write it, on every other layer. */
  static Model windowed(Model model, long window) {
    Graph graph = model.graph();
    List<Node> nodes = new ArrayList<>();
    int layer = 0;
    for (Node node : graph.nodes()) {
      if (node.op().equals("Attention") && layer++ % 2 == 0) {
        List<String> inputs = new ArrayList<>(node.inputs());
        inputs.add("sees");
        nodes.add(node.withInputs(inputs));
        continue;
      }
      nodes.add(node);
      if (node.op().equals("Range")) {
        String places = node.output(0);
        nodes.add(constant("w", Tensor.scalar(window)));
        nodes.add(constant("first", Tensor.ofLongs(new long[] {0}, 1)));
        nodes.add(constant("second", Tensor.ofLongs(new long[] {1}, 1)));
        nodes.add(Node.of("Unsqueeze", List.of(places, "second"), List.of("column")));
        nodes.add(Node.of("Unsqueeze", List.of(places, "first"), List.of("row")));
        nodes.add(Node.of("Sub", List.of("column", "row"), List.of("apart")));
        nodes.add(Node.of("Less", List.of("apart", "w"), List.of("sees")));
      }
    }
    return model.withGraph(graph.withNodes(nodes));
  }

  private static Node constant(String name, Tensor value) {
    return Node.of("Constant", List.of(), List.of(name)).with("value", Attribute.of(value));
  }

  @Test
  void partOfEachHeadTurned_isTurnedByTheKernelInBlocksOf16() {
    Model plain = llama(new Llama.Size(128, 96, 2, 4, 2), Gpt.Head.OWN);
    CachedDecoder inside = CachedDecoder.of(turning(plain, 16));
    assertThat(inside.takesPositions()).isFalse();
    assertThat(worst(turning(plain, 16), inside)).isLessThan(5e-5f);
    CachedDecoder outside = CachedDecoder.of(turning(plain, 8));
    assertThat(outside.takesPositions()).isTrue();
    assertThat(worst(turning(plain, 8), outside)).isLessThan(5e-5f);
  }

  /** Turns only the first features of each head. */
  private static Model turning(Model model, int features) {
    Set<String> tables = new HashSet<>();
    for (Node node : model.graph().nodes()) {
      if (node.op().equals("RotaryEmbedding")) {
        tables.addAll(node.inputs().subList(1, 3));
      }
    }
    List<Node> nodes = new ArrayList<>();
    for (Node node : model.graph().nodes()) {
      if (node.op().equals("RotaryEmbedding")) {
        nodes.add(node.with("rotary_embedding_dim", Attribute.of((long) features)));
      } else if (tables.contains(node.output(0))) {
        Tensor whole = ((Attribute.OfTensor) node.attributes().get("value")).value();
        nodes.add(constant(node.output(0), columns(whole, features / 2)));
      } else {
        nodes.add(node);
      }
    }
    return model.withGraph(model.graph().withNodes(nodes));
  }

  private static Tensor columns(Tensor table, int count) {
    float[] all = table.toFloats();
    int width = (int) table.dim(1);
    float[] some = new float[all.length / width * count];
    for (int i = 0; i < some.length; i++) {
      some[i] = all[i / count * width + i % count];
    }
    return Tensor.ofFloats(some, table.dim(0), count);
  }

  /** Long texts turn by the second half of the tables; which half is chosen by the capacity. */
  @Test
  void rotationByLength_isChosenByTheCapacity() {
    Model plain = byLength(plain(), 39);
    CachedDecoder far = CachedDecoder.of(plain, 40);
    assertThat(far.context()).isEqualTo(32);
    assertThat(CachedDecoder.of(plain).context()).isEqualTo(32);
    CachedDecoder near = CachedDecoder.of(byLength(plain(), 30), 30);
    assertThat(near.context()).isEqualTo(30);
    Model always = turned(byLength(plain(), 39), 32);
    assertThat(worst(always, 24, CachedDecoder.of(byLength(plain(), 39), 40))).isLessThan(2e-5f);
    Model never = turned(byLength(plain(), 30), 0);
    assertThat(worst(never, 24, near)).isLessThan(2e-5f);
  }

  private static Model plain() {
    return llama(new Llama.Size(64, 96, 2, 4, 2), Gpt.Head.OWN);
  }

  private static float worst(Model plain, int length, CachedDecoder decoder) {
    try (CacheCases cases = new CacheCases(plain, decoder, length, 7)) {
      return cases.worst();
    }
  }

  /** Places are 32 more where there are more tokens than some: the tables have 64 rows. */
  private static Model byLength(Model model, long near) {
    List<Node> nodes = new ArrayList<>();
    String length = "";
    for (Node node : model.graph().nodes()) {
      if (node.op().equals("Range")) {
        length = node.input(1);
        nodes.add(node.withOutputs(List.of("from_0")));
        nodes.add(constant("near", Tensor.scalar(near)));
        nodes.add(constant("more", Tensor.scalar(32L)));
        nodes.add(constant("none", Tensor.scalar(0L)));
        nodes.add(Node.of("Greater", List.of(length, "near"), List.of("long")));
        nodes.add(Node.of("Where", List.of("long", "more", "none"), List.of("shift")));
        nodes.add(Node.of("Add", List.of("from_0", "shift"), node.outputs()));
      } else {
        nodes.add(node);
      }
    }
    assertThat(length).isNotEmpty();
    return model.withGraph(model.graph().withNodes(nodes));
  }

  private static Model turned(Model model, long shift) {
    return model.withGraph(
        model
            .graph()
            .withNodes(
                model.graph().nodes().stream()
                    .map(
                        node ->
                            node.op().equals("Where")
                                ? constant("shift", Tensor.scalar(shift))
                                : node)
                    .toList()));
  }

  /** The graph of zoo's GPT: products, a mask of a triangle, learned places. */
  @Test
  void attentionWrittenOut_isReadAsWhatItIs() {
    for (Gpt.Head head : Gpt.Head.values()) {
      Model plain = spread(new Gpt(96, 48, 32, 2, 2, 0.1, head).build(3), 4);
      CachedDecoder decoder = CachedDecoder.of(plain);
      assertThat(decoder.context()).isEqualTo(48);
      assertThat(decoder.layers())
          .containsExactly(new CachedDecoder.Cache(2, 16), new CachedDecoder.Cache(2, 16));
      try (CacheCases cases = new CacheCases(plain, decoder, 40, 7)) {
        assertThat(cases.worst()).isLessThan(2e-6f * cases.largest());
      }
    }
  }

  @Test
  void attentionWrittenOutWithAnotherMask_isRefusedByName() {
    Model plain = new Gpt(50, 16, 32, 2, 2, 0, Gpt.Head.OWN).build(1);
    List<Node> seesAll =
        plain.graph().nodes().stream()
            .map(node -> node.op().equals("Trilu") ? node.withInputs(List.of(node.input(0))) : node)
            .toList();
    Model other = plain.withGraph(plain.graph().withNodes(seesAll));
    assertThatThrownBy(() -> CachedDecoder.of(other))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining(
            "(Trilu): no form with a cache: an operator of which it is not known");
  }
}
