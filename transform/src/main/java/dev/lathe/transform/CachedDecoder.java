package dev.lathe.transform;

import dev.lathe.ir.Dim;
import dev.lathe.ir.Graph;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Shape;
import dev.lathe.ir.ValueInfo;
import dev.lathe.transform.decoder.CacheNames;
import dev.lathe.transform.decoder.CachedForm;
import java.util.ArrayList;
import java.util.List;

/**
 * A decoder in cached form: it takes new tokens alone, and keys and values of the earlier ones from
 * a cache that it writes in place.
 *
 * <p>Inputs: {@code input_ids} INT64 [B, S], the new tokens; {@code seqlens_k} INT32 [B], the
 * length of each row after the run, minus 1; {@code total_sequence_length} INT32 [], the largest of
 * these lengths; {@code position_ids} INT64 [B, S] where {@link #takesPositions}; {@code
 * logits_rows} INT64 [R], which of the B·S tokens logits are wanted for; {@code
 * past_key_values.i.key} and {@code .value} FLOAT [B, G, C, D] for each layer. Outputs: {@code
 * logits} FLOAT [R, V]; {@code present.i.key} and {@code .value}, to be bound to the buffers of the
 * past ones.
 *
 * <p>The kernel takes several rows with one new token each, or one row with several new tokens; a
 * row's cache holds C tokens. What lies in the cache behind a row's length is not read, so a
 * shorter length takes tokens back, and a copy of the first n tokens of a row serves another row
 * that begins alike.
 *
 * @param model the graph, with operators of ONNX Runtime's own
 * @param layers what the cache of each layer holds for a token
 * @param vocabulary V, the logits of a token
 */
public record CachedDecoder(Model model, List<Cache> layers, long vocabulary) {
  private static final String CONTEXT = "lathe.context";

  /**
   * The cache of a layer: keys and values FLOAT [B, G, C, D].
   *
   * @param heads G
   * @param size D
   */
  public record Cache(long heads, long size) {}

  /** Copies the list. */
  public CachedDecoder {
    layers = List.copyOf(layers);
  }

  /**
   * Gives a decoder a cache. The plain form has one input INT64 [N, T] and one output FLOAT [N, T,
   * V], and operators that treat each token alone beside {@code Attention}; weights are shared, not
   * copied.
   *
   * @param plain a decoder in plain form
   * @return the same in cached form
   * @throws LatheException UNSUPPORTED_FORM naming the node that has no such form
   */
  public static CachedDecoder of(Model plain) {
    return of(plain, Long.MAX_VALUE);
  }

  /**
   * Gives a decoder a cache for sequences of some length. A decoder that turns keys and queries of
   * long sequences by other angles must know from the first token on which they are.
   *
   * @param plain as for {@link #of(Model)}
   * @param capacity tokens of a sequence at most, from 1
   * @return the same in cached form; its context may be shorter than the capacity
   * @throws LatheException as for {@link #of(Model)}
   */
  public static CachedDecoder of(Model plain, long capacity) {
    CachedForm.Written written = CachedForm.of(InlineFunctions.apply(plain), capacity);
    Model model = withoutIdlePositions(RemoveDeadNodes.apply(written.model()));
    if (written.context() < Long.MAX_VALUE) {
      model = model.withNotes(model.notes().with(CONTEXT, Long.toString(written.context())));
    }
    return read(model);
  }

  /** Where the kernel turns keys and queries itself, nothing may be left that asks for places. */
  private static Model withoutIdlePositions(Model model) {
    Graph graph = model.graph();
    boolean read =
        graph.nodes().stream().anyMatch(node -> node.inputs().contains(CacheNames.POSITIONS));
    return read
        ? model
        : model.withGraph(
            graph.withInputs(
                graph.inputs().stream()
                    .filter(input -> !input.name().equals(CacheNames.POSITIONS))
                    .toList()));
  }

  /**
   * Takes a model for what it is.
   *
   * @param cached a model that {@link #of} made, or one changed since that has the same inputs
   * @return the decoder
   * @throws LatheException UNSUPPORTED_FORM if inputs or outputs are missing
   */
  public static CachedDecoder read(Model cached) {
    List<Cache> layers = new ArrayList<>();
    for (int i = 0; cached.graph().input(CacheNames.pastKey(i)).isPresent(); i++) {
      Shape shape = cached.graph().input(CacheNames.pastKey(i)).get().tensorType().shape();
      layers.add(new Cache(fixed(shape, 1), fixed(shape, 3)));
    }
    ValueInfo logits =
        cached
            .graph()
            .output(CacheNames.LOGITS)
            .orElseThrow(() -> refuse("no output \"logits\"", "FLOAT [R, V]"));
    if (layers.isEmpty()) {
      throw refuse("no input \"past_key_values.0.key\"", "FLOAT [B, G, C, D]");
    }
    return new CachedDecoder(cached, layers, fixed(logits.tensorType().shape(), 1));
  }

  private static long fixed(Shape shape, int axis) {
    if (shape.rank() > axis && shape.dim(axis) instanceof Dim.Fixed(long size)) {
      return size;
    }
    throw refuse("shape " + shape, "a size at axis " + axis);
  }

  private static LatheException refuse(String found, String expected) {
    return new LatheException(
        TransformError.UNSUPPORTED_FORM,
        "cached decoder: " + found + " (expected: " + expected + ")");
  }

  /**
   * How long a sequence may become, by the tables of places and of rotations.
   *
   * @return tokens, {@link Long#MAX_VALUE} if nothing in the graph sets an end
   */
  public long context() {
    String text = model.notes().metadata().get(CONTEXT);
    return text == null ? Long.MAX_VALUE : Long.parseLong(text);
  }

  /**
   * Whether runs take {@code position_ids}.
   *
   * @return false if attention works places out by itself
   */
  public boolean takesPositions() {
    return model.graph().input(CacheNames.POSITIONS).isPresent();
  }

  /**
   * What the cache takes for one token of one row, over all layers.
   *
   * @return bytes
   */
  public long bytesPerToken() {
    return layers.stream().mapToLong(layer -> 2 * layer.heads() * layer.size() * Float.BYTES).sum();
  }
}
