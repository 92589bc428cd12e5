package dev.lathe.transform.decoder;

import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.transform.shape.Fact;
import dev.lathe.transform.shape.Inference;
import dev.lathe.transform.shape.Term;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What each value of a plain decoder depends on. Every node must act on each token alone, or be
 * attention; a graph that mixes tokens in another way is refused, since with a cache it would see
 * only some of them.
 */
public final class Extents {
  private static final Term N = Term.of(Dim.of("N"));
  private static final Term T = Term.of(Dim.of("T"));

  private final Inference inference;
  private final Map<String, Extent> extents = new HashMap<>();
  private final Map<String, Tensor> constants = new HashMap<>();
  private final Map<String, Node> producers = new HashMap<>();
  private final Set<String> places = new HashSet<>();
  private final long opset;

  private Extents(Model model) {
    this.inference = Inference.start(model);
    this.opset = model.opset();
  }

  /** The version of the operators. */
  long opset() {
    return opset;
  }

  /**
   * Looks at a model.
   *
   * @param model a decoder in plain form, its tokens of shape [N, T]
   * @param tokens the input that holds the tokens; others are what an encoder gave
   * @return what is known
   * @throws dev.lathe.ir.LatheException UNSUPPORTED_FORM naming the node that mixes tokens
   */
  public static Extents of(Model model, String tokens) {
    Extents all = new Extents(model);
    Graph graph = model.graph();
    graph
        .initializers()
        .forEach(
            (name, tensor) -> {
              all.extents.put(name, Extent.CONSTANT);
              all.constants.put(name, tensor);
            });
    for (ValueInfo given : graph.requiredInputs()) {
      all.extents.put(given.name(), Extent.MEMORY);
    }
    all.inference.put(tokens, Fact.of(ElementType.INT64, Shape.of(List.of(N.toDim(), T.toDim()))));
    all.extents.put(tokens, Extent.TOKENS);
    graph.nodes().forEach(all::add);
    return all;
  }

  private void add(Node node) {
    inference.add(node);
    node.outputs().forEach(output -> producers.put(output, node));
    ConstantNodes.value(node).ifPresent(value -> constants.put(node.output(0), value));
    Extent extent = TokenRules.extent(node, this);
    node.outputs().forEach(output -> extents.put(output, extent));
    if (isExactlyPlaces(node)) {
      places.add(node.output(0));
    }
  }

  private boolean isExactlyPlaces(Node node) {
    return switch (node.qualifiedOp()) {
      case "Range" -> of(node.output(0)) == Extent.PLACES;
      case "Expand", "Identity", "Unsqueeze" ->
          places.contains(node.input(0))
              && (of(node.output(0)).isPerPlace() || of(node.output(0)) == Extent.TOKENS)
              && fact(node.output(0)).shape().rank() <= 2;
      default -> false;
    };
  }

  /**
   * What a value depends on.
   *
   * @param value a value made so far, or empty for an input left out
   * @return its extent
   */
  public Extent of(String value) {
    return extents.getOrDefault(value, Extent.CONSTANT);
  }

  /**
   * Whether a value is the place of each token, from 0, and nothing else: [T], [1, T] or [N, T].
   *
   * @param value the value
   * @return true if it is
   */
  public boolean isPlaces(String value) {
    return places.contains(value);
  }

  /**
   * By how much a value is more than the place of each token.
   *
   * @param value the value
   * @return 0 for places, more for places plus a constant, nothing for another value
   */
  public Optional<Long> placeOffset(String value) {
    if (isPlaces(value)) {
      return Optional.of(0L);
    }
    Node node = producers.get(value);
    if (node == null) {
      return Optional.empty();
    }
    return switch (node.qualifiedOp()) {
      case "Add" -> {
        Optional<long[]> more = fact(node.input(1)).constants();
        yield isPlaces(node.input(0)) && more.isPresent() && more.get().length == 1
            ? Optional.of(more.get()[0])
            : Optional.empty();
      }
      case "Expand", "Unsqueeze" ->
          of(value).isPerPlace() || of(value) == Extent.TOKENS
              ? placeOffset(node.input(0))
              : Optional.empty();
      default -> Optional.empty();
    };
  }

  /**
   * The data of a value that is constant.
   *
   * @param value the value
   * @return its data, if it is an initializer or made by a Constant
   */
  public Optional<Tensor> constant(String value) {
    return Optional.ofNullable(constants.get(value));
  }

  /**
   * The node that makes a value.
   *
   * @param value the value
   * @return the node, if one does
   */
  public Optional<Node> producer(String value) {
    return Optional.ofNullable(producers.get(value));
  }

  /**
   * Type and shape of a value, in N and T.
   *
   * @param value the value
   * @return what is known
   */
  public Fact fact(String value) {
    return inference.fact(value);
  }

  /** Which extent the shape of a value has, if one that has rows. */
  Optional<Extent> byShape(String value) {
    Fact fact = fact(value);
    if (!fact.shape().ranked() || fact.shape().rank() == 0) {
      return Optional.empty();
    }
    Term first = fact.size(0);
    Term second = fact.shape().rank() > 1 ? fact.size(1) : Term.UNKNOWN;
    if (first.equals(N) && second.equals(T)) {
      return Optional.of(Extent.TOKENS);
    }
    if (rowsPerToken(first) > 0) {
      return Optional.of(Extent.ROWS);
    }
    if (first.is(1) && second.equals(T)) {
      return Optional.of(Extent.SPREAD_PLACES);
    }
    return first.equals(T) ? Optional.of(Extent.PLACES) : Optional.empty();
  }

  private static long rowsPerToken(Term rows) {
    Term share = rows.dividedBy(N.times(T));
    return share.isConstant() ? share.factor() : 0;
  }

  /**
   * Whether a value is [N, T, W] or [N·T, W]: one row for each token.
   *
   * @param value the value
   * @return false also for [N·T·H, D], a row for each head of a token
   */
  boolean isRowPerToken(String value) {
    Extent extent = of(value);
    Fact fact = fact(value);
    return extent.isPerToken()
        && fact.shape().rank() == extent.axes() + 1
        && (extent == Extent.TOKENS || rowsPerToken(fact.size(0)) == 1);
  }

  /** Whether a value is the number of places, T. */
  boolean isLength(String value) {
    return fact(value).content().filter(terms -> terms.equals(List.of(T))).isPresent();
  }
}
