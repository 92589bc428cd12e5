package dev.lathe.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * What has a form with a cache and what has none; that it computes the same is tested elsewhere.
 */
class CachedDecoderFormTest {
  private static final int WIDTH = 16;

  /** A decoder of one layer, of which a test replaces a part. */
  private static class Decoder {
    final GraphBuilder builder = new GraphBuilder("decoder");
    final String tokens;
    final String features;

    Decoder() {
      this("x");
    }

    Decoder(String name) {
      Shape shape = Shape.of(List.of(Dim.of("N"), Dim.of("T")));
      tokens = builder.input(name, ElementType.INT64, shape);
      features = builder.add("Gather", weight("embed", 50, WIDTH), tokens);
    }

    String weight(String name, long... dims) {
      return builder.initializer(name, Tensor.zeros(ElementType.FLOAT, dims));
    }

    String constant(Tensor value) {
      return builder.add("Constant", Map.of("value", Attribute.of(value)));
    }

    /** Attention over features, with more attributes and inputs. */
    String attention(Map<String, Attribute> more, String... inputs) {
      Map<String, Attribute> attributes = new TreeMap<>();
      attributes.put("is_causal", Attribute.of(1L));
      attributes.put("q_num_heads", Attribute.of(2L));
      attributes.put("kv_num_heads", Attribute.of(2L));
      attributes.putAll(more);
      return builder.add("Attention", attributes, inputs);
    }

    String attention() {
      return attention(Map.of(), features, features, features);
    }

    Model end(String rows) {
      String logits = builder.add("MatMul", rows, weight("head", WIDTH, 50));
      return endWith(logits, 50);
    }

    Model endWith(String logits, long width) {
      builder.output(
          logits, ElementType.FLOAT, Shape.of(List.of(Dim.of("N"), Dim.of("T"), Dim.of(width))));
      return Model.of(builder.build()).withOpset("", 23).withIrVersion(11);
    }
  }

  private static void refused(Model model, String message) {
    assertThatThrownBy(() -> CachedDecoder.of(model))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining(message);
  }

  private static List<String> operators(CachedDecoder decoder) {
    return decoder.model().graph().nodes().stream().map(Node::qualifiedOp).toList();
  }

  @Test
  void headWorksOnTheRowsWanted() {
    Decoder plain = new Decoder();
    CachedDecoder decoder = CachedDecoder.of(plain.end(plain.attention()));
    assertThat(operators(decoder))
        .containsExactly(
            "Gather",
            "com.microsoft.GroupQueryAttention",
            "Constant",
            "Reshape",
            "Gather",
            "MatMul");
    assertThat(decoder.model().graph().inputs().stream().map(ValueInfo::name))
        .containsExactly(
            "input_ids",
            "seqlens_k",
            "total_sequence_length",
            "logits_rows",
            "past_key_values.0.key",
            "past_key_values.0.value");
    assertThat(decoder.model().graph().outputs().stream().map(ValueInfo::name))
        .containsExactly("logits", "present.0.key", "present.0.value");
    assertThat(decoder.context()).isEqualTo(Long.MAX_VALUE);
    assertThat(decoder.vocabulary()).isEqualTo(50);
  }

  @Test
  void cappedLogits_areCappedBehindTheHead() {
    Decoder plain = new Decoder();
    String head = plain.builder.add("MatMul", plain.attention(), plain.weight("head", WIDTH, 50));
    String cap = plain.constant(Tensor.scalar(30f));
    String bounded = plain.builder.add("Tanh", plain.builder.add("Div", head, cap));
    CachedDecoder decoder =
        CachedDecoder.of(plain.endWith(plain.builder.add("Mul", bounded, cap), 50));
    assertThat(operators(decoder)).endsWith("Gather", "MatMul", "Div", "Tanh", "Mul");
  }

  @Test
  void logitsThatAreReadTwice_arePickedAtTheEnd() {
    Decoder plain = new Decoder();
    String head = plain.builder.add("MatMul", plain.attention(), plain.weight("head", WIDTH, 50));
    String own = plain.builder.add("Mul", head, plain.builder.add("Sigmoid", head));
    CachedDecoder decoder = CachedDecoder.of(plain.endWith(own, 50));
    assertThat(operators(decoder))
        .endsWith("MatMul", "Sigmoid", "Mul", "Constant", "Reshape", "Gather");
  }

  @Test
  void learnedPlaces_areReadAtThePlacesGiven() {
    Decoder plain = new Decoder();
    GraphBuilder builder = plain.builder;
    String size =
        builder.add(
            "Shape", Map.of("start", Attribute.of(1L), "end", Attribute.of(2L)), plain.tokens);
    String zero = plain.constant(Tensor.scalar(0L));
    String one = plain.constant(Tensor.scalar(1L));
    String places = builder.add("Range", zero, builder.add("Squeeze", size), one);
    String learned = builder.add("Gather", plain.weight("wpe", 12, WIDTH), places);
    String all = builder.add("Add", plain.features, learned);
    CachedDecoder decoder = CachedDecoder.of(plain.end(plain.attention(Map.of(), all, all, all)));
    assertThat(decoder.takesPositions()).isTrue();
    assertThat(decoder.context()).isEqualTo(12);
  }

  /** Rows of a table from the first on, as many as there are tokens and perhaps more. */
  private static Model cutTable(long more) {
    Decoder plain = new Decoder();
    GraphBuilder builder = plain.builder;
    String size =
        builder.add(
            "Shape", Map.of("start", Attribute.of(1L), "end", Attribute.of(2L)), plain.tokens);
    String end = builder.add("Add", size, plain.constant(Tensor.ofLongs(new long[] {more}, 1)));
    String zero = plain.constant(Tensor.ofLongs(new long[] {0}, 1));
    String rows = builder.add("Slice", plain.weight("wpe", 12, WIDTH), zero, end, zero);
    String all = builder.add("Add", plain.features, rows);
    return plain.end(plain.attention(Map.of(), all, all, all));
  }

  @Test
  void firstRowsOfATable_areReadAtThePlacesGiven() {
    CachedDecoder decoder = CachedDecoder.of(cutTable(0));
    assertThat(decoder.takesPositions()).isTrue();
    assertThat(decoder.context()).isEqualTo(12);
    refused(cutTable(1), "no form with a cache");
  }

  /** Features and a row for each place, [1, T, width], copied for each sequence and widened. */
  private static Model widened(long width) {
    Decoder plain = new Decoder();
    GraphBuilder builder = plain.builder;
    String size =
        builder.add(
            "Shape", Map.of("start", Attribute.of(1L), "end", Attribute.of(2L)), plain.tokens);
    String zero = plain.constant(Tensor.scalar(0L));
    String one = plain.constant(Tensor.scalar(1L));
    String places = builder.add("Range", zero, builder.add("Squeeze", size), one);
    String learned = builder.add("Gather", plain.weight("wpe", 12, width), places);
    String whole = builder.add("Shape", plain.features);
    String wide = builder.add("Expand", learned, whole);
    String all = builder.add("Add", plain.features, wide);
    return plain.end(plain.attention(Map.of(), all, all, all));
  }

  @Test
  void rowsOfPlaces_areCopiedForEachSequenceAndNotWidened() {
    assertThat(CachedDecoder.of(widened(WIDTH)).context()).isEqualTo(12);
    refused(widened(1), "(Expand): no form with a cache: it widens the rows of places");
  }

  @Test
  void olderSoftmax_isOverAllAxesFromItsOwnOn() {
    Decoder plain = new Decoder();
    String shares = plain.builder.add("Softmax", plain.features);
    Model model = plain.end(plain.attention(Map.of(), shares, shares, shares));
    assertThat(operators(CachedDecoder.of(model))).contains("Softmax");
    Decoder last = new Decoder();
    String own = last.builder.add("Softmax", Map.of("axis", Attribute.of(2L)), last.features);
    Model older = last.end(last.attention(Map.of(), own, own, own)).withOpset("", 12);
    assertThat(operators(CachedDecoder.of(older))).contains("Softmax");
    refused(model.withOpset("", 12), "(Softmax): no form with a cache: axis 1 of");
  }

  @Test
  void tokensMixedByOtherThanAttention_areRefused() {
    Decoder mean = new Decoder();
    String first = mean.constant(Tensor.ofLongs(new long[] {1}, 1));
    String middle = mean.builder.add("ReduceMean", mean.features, first);
    refused(
        mean.end(mean.builder.add("Add", mean.attention(), middle)),
        "(ReduceMean): no form with a cache: axis 1 of \"gather\" [N, T, 16]");

    Decoder moved = new Decoder();
    String swapped =
        moved.builder.add("Transpose", Map.of("perm", Attribute.ofInts(1, 0, 2)), moved.features);
    refused(moved.end(swapped), "(Transpose): no form with a cache: it moves the rows");

    Decoder scan = new Decoder();
    String axis = scan.constant(Tensor.scalar(1L));
    refused(
        scan.end(scan.builder.add("CumSum", scan.features, axis)),
        "(CumSum): no form with a cache: an operator of which it is not known");

    Decoder bySize = new Decoder();
    String count =
        bySize.builder.add(
            "Cast",
            Map.of("to", Attribute.of((long) ElementType.FLOAT.code())),
            bySize.builder.add("Size", bySize.tokens));
    refused(
        bySize.end(bySize.builder.add("Mul", bySize.attention(), count)),
        "does not line up with its rows");
  }

  @Test
  void attentionOtherThanTheKernels_isRefused() {
    Decoder both = new Decoder();
    refused(
        both.end(
            both.attention(
                Map.of("is_causal", Attribute.of(0L)),
                both.features,
                both.features,
                both.features)),
        "is_causal 0 (expected: 1, no token sees a later one)");

    Decoder masked = new Decoder();
    String mask = masked.constant(Tensor.zeros(ElementType.BOOL, 4, 4));
    refused(
        masked.end(
            masked.attention(Map.of(), masked.features, masked.features, masked.features, mask)),
        "(Attention): no form with a cache: mask \"");

    Decoder narrow = new Decoder();
    Map<String, Attribute> heads =
        Map.of("q_num_heads", Attribute.of(4L), "kv_num_heads", Attribute.of(4L));
    refused(
        narrow.end(narrow.attention(heads, narrow.features, narrow.features, narrow.features)),
        "heads of 4 features (expected: a multiple of 8)");
  }

  @Test
  void graphsOfOtherFormThanADecoder_areRefused() {
    Decoder none = new Decoder();
    refused(none.end(none.features), "no attention (expected: one or more)");

    Decoder two = new Decoder();
    two.builder.input("mask", ElementType.INT64, Shape.of(List.of(Dim.of("N"), Dim.of("T"))));
    refused(two.end(two.attention()), "inputs [x, mask] (expected: tokens alone, INT64 [N, T])");

    assertThatThrownBy(() -> CachedDecoder.read(none.end(none.features)))
        .hasMessageContaining("no output \"logits\" (expected: FLOAT [R, V])");
  }

  @Test
  void namesOfACache_areRefusedInside() {
    Decoder named = new Decoder();
    named.builder.append(Node.of("Relu", List.of(named.features), List.of("present.0.key")));
    refused(
        named.end(named.attention(Map.of(), "present.0.key", named.features, named.features)),
        "its output \"present.0.key\" is called like one of a cache");
  }

  /** A decoder that attends to rows of an encoder; the encoder is a table. */
  private static Decoder beside(String... more) {
    Decoder both = new Decoder("decoder_input_ids");
    Shape source = Shape.of(List.of(Dim.of("N"), Dim.of("S")));
    both.builder.input("input_ids", ElementType.INT64, source);
    both.builder.input("attention_mask", ElementType.INT64, source);
    for (String input : more) {
      both.builder.input(input, ElementType.INT64, source);
    }
    return both;
  }

  private static String across(Decoder both, String rows) {
    String memory = both.builder.add("Gather", both.weight("sources", 50, WIDTH), "input_ids");
    Map<String, Attribute> attributes =
        Map.of(
            "q_num_heads", Attribute.of(2L),
            "kv_num_heads", Attribute.of(2L));
    String value = both.builder.add("Relu", memory);
    return both.builder.add("Attention", attributes, rows, memory, value);
  }

  @Test
  void encoderAndDecoder_areCutWhereAttentionGoesAcross() {
    Decoder both = beside();
    CachedTransducer parts = CachedTransducer.of(both.end(across(both, both.attention())));
    assertThat(parts.encoder().graph().outputs().stream().map(ValueInfo::name))
        .containsExactly("cross_key_values.0.key", "cross_key_values.0.value");
    assertThat(parts.encoder().graph().inputs().stream().map(ValueInfo::name))
        .containsExactly("input_ids", "attention_mask");
    assertThat(parts.decoder().model().graph().inputs().stream().map(ValueInfo::name))
        .contains("attention_mask", "cross_key_values.0.key", "past_key_values.0.key");
    assertThat(parts.decoder().model().graph().initializers()).doesNotContainKey("sources");
    assertThat(parts.encoder().graph().initializers()).containsOnlyKeys("sources");
  }

  @Test
  void encoderReadOtherwise_isRefused() {
    Decoder added = beside();
    String memory = added.builder.add("Gather", added.weight("sources", 50, WIDTH), "input_ids");
    refusedCut(
        added.end(added.builder.add("Add", across(added, added.attention()), memory)),
        "it reads \"gather_1\" of the encoder (expected: attention alone does)");
    Decoder other = beside("token_type_ids");
    refusedCut(
        other.end(across(other, other.attention())),
        "expected: input_ids, attention_mask, decoder_input_ids, or x, previous; one output");
    Decoder none = beside();
    refusedCut(none.end(none.attention()), "no attention to the encoder");
    Decoder unmasked = new Decoder("decoder_input_ids");
    Shape source = Shape.of(List.of(Dim.of("N"), Dim.of("S")));
    unmasked.builder.input("input_ids", ElementType.INT64, source);
    refusedCut(unmasked.end(across(unmasked, unmasked.attention())), "nothing hides padding");
  }

  private static void refusedCut(Model model, String message) {
    assertThatThrownBy(() -> CachedTransducer.of(model))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining(message);
  }
}
