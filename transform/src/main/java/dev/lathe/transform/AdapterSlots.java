package dev.lathe.transform;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.transform.decoder.CacheNames;
import dev.lathe.transform.quantize.Projection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gives a decoder with a cache places for low-rank adapters, of which each row of a run has one of
 * its own: {@code y += x·A[a]·B[a]}, where a is the row's adapter and {@code A}, {@code B} are
 * stacks of all that are in memory. The stacks are inputs, so that adapters come and go while the
 * graph stays.
 *
 * <p>Letters: P adapters in the stacks, r the largest rank among them, I inputs and O outputs of a
 * projection; B rows, S new tokens of a row, R rows of logits. Added inputs: {@code adapter_ids}
 * INT64 [B]; for the site of number i {@code adapters.i.down} FLOAT [P, I, r] and {@code
 * adapters.i.up} FLOAT [P, r, O], what is beyond an adapter's own rank being 0. The factor α/r is
 * part of B.
 *
 * <p>A row reads the matrices of its own adapter alone: they are gathered and multiplied row by
 * row, so that nothing of another adapter's can reach it, not even a number that is none. For an
 * adapter of zeros, exactly 0 is added.
 *
 * @see <a href="https://arxiv.org/abs/2310.18547">Chen et al., Punica: Multi-Tenant LoRA
 *     Serving</a>
 */
public final class AdapterSlots {
  /** Which adapter each row has, INT64 [B]. */
  public static final String IDS = "adapter_ids";

  private static final String PREFIX = "adapters.";
  private static final String WEIGHT = ".weight";

  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Tensor> constants = new LinkedHashMap<>();
  private final Map<String, String> written = new HashMap<>();
  private final FreshNames names;

  private AdapterSlots(Model form) {
    this.names = new FreshNames(form);
  }

  /**
   * A projection that adapters may stand beside.
   *
   * @param module its weight's name without {@code .weight}, as adapters name it
   * @param input the value that it reads, x
   * @param output the value that it makes, y
   * @param inputs I
   * @param outputs O
   * @param head whether it works on the rows of logits and not on those of tokens
   */
  public record Site(
      String module, String input, String output, int inputs, int outputs, boolean head) {}

  /**
   * The projections of a decoder: products of rows that depend on tokens by a weight that no other
   * node reads, as it is or transposed.
   *
   * @param cached a decoder with a cache whose weights are FLOAT
   * @return the sites by module, in the order of the graph
   */
  public static Map<String, Site> sites(Model cached) {
    Graph graph = cached.graph();
    Map<String, Node> transposes = Projection.transposes(graph);
    Map<String, Integer> readers = new HashMap<>();
    graph.nodes().forEach(node -> node.inputs().forEach(in -> readers.merge(in, 1, Integer::sum)));
    Set<String> tokens = new HashSet<>(Set.of(CacheNames.INPUT_IDS));
    Set<String> rows = new HashSet<>(Set.of(CacheNames.ROWS));
    Map<String, Site> sites = new LinkedHashMap<>();
    for (Node node : graph.nodes()) {
      spread(node, tokens);
      spread(node, rows);
      Projection.of(node, graph, transposes)
          .filter(found -> tokens.contains(node.input(0)))
          .filter(found -> readers.get(found.weight()) == 1)
          .filter(_ -> readers.get(node.input(1)) == 1)
          .ifPresent(found -> put(sites, found, rows.contains(node.input(0))));
    }
    return sites;
  }

  private static void spread(Node node, Set<String> values) {
    if (node.inputs().stream().anyMatch(values::contains)) {
      values.addAll(node.outputs());
    }
  }

  private static void put(Map<String, Site> sites, Projection found, boolean head) {
    String weight = found.weight();
    String module =
        weight.endsWith(WEIGHT) ? weight.substring(0, weight.length() - WEIGHT.length()) : weight;
    Node node = found.node();
    sites.put(
        module,
        new Site(module, node.input(0), node.output(0), found.inputs(), found.outputs(), head));
  }

  /**
   * What the stack of the parts that read x is called.
   *
   * @param site the site's number
   * @return the input's name, FLOAT [P, I, r]
   */
  public static String down(int site) {
    return PREFIX + site + ".down";
  }

  /**
   * What the stack of the parts that make y is called.
   *
   * @param site the site's number
   * @return the input's name, FLOAT [P, r, O]
   */
  public static String up(int site) {
    return PREFIX + site + ".up";
  }

  /**
   * Inserts places for adapters.
   *
   * @param form a decoder with a cache, its weights in any form
   * @param sites where, as {@link #sites} found them in the same decoder with FLOAT weights;
   *     numbers are places in this list
   * @return the decoder with the inputs named above; weights are shared, not copied
   * @throws LatheException UNKNOWN_VALUE if the decoder has not the values of a site
   */
  public static Model insert(Model form, List<Site> sites) {
    return new AdapterSlots(form).write(form, sites);
  }

  private Model write(Model form, List<Site> sites) {
    Graph graph = form.graph();
    Map<String, Integer> byOutput = new HashMap<>();
    for (int i = 0; i < sites.size(); i++) {
      byOutput.put(sites.get(i).output(), i);
    }
    for (Node node : graph.nodes()) {
      List<String> outputs = new ArrayList<>(node.outputs());
      Integer number = null;
      for (int i = 0; i < outputs.size() && number == null; i++) {
        number = byOutput.remove(outputs.get(i));
        if (number != null) {
          outputs.set(i, names.of(outputs.get(i) + "/without"));
          nodes.add(node.withOutputs(outputs));
          adapt(sites.get(number), number, outputs.get(i));
        }
      }
      if (number == null) {
        nodes.add(node);
      }
    }
    if (!byOutput.isEmpty()) {
      throw new LatheException(
          TransformError.UNKNOWN_VALUE,
          "sites of adapters " + byOutput.keySet() + " (expected: values of the decoder)");
    }
    Map<String, Tensor> initializers = new LinkedHashMap<>(graph.initializers());
    initializers.putAll(constants);
    List<ValueInfo> inputs = new ArrayList<>(graph.inputs());
    inputs.addAll(inputs(sites));
    return form.withGraph(graph.withNodes(nodes).withInitializers(initializers).withInputs(inputs));
  }

  private static List<ValueInfo> inputs(List<Site> sites) {
    Dim adapters = Dim.of("P");
    Dim rank = Dim.of("r");
    List<ValueInfo> inputs = new ArrayList<>();
    inputs.add(ValueInfo.tensor(IDS, ElementType.INT64, Shape.of(List.of(Dim.of("B")))));
    for (int i = 0; i < sites.size(); i++) {
      Shape down = Shape.of(List.of(adapters, Dim.of(sites.get(i).inputs()), rank));
      Shape up = Shape.of(List.of(adapters, rank, Dim.of(sites.get(i).outputs())));
      inputs.add(ValueInfo.tensor(down(i), ElementType.FLOAT, down));
      inputs.add(ValueInfo.tensor(up(i), ElementType.FLOAT, up));
    }
    return inputs;
  }

  /** Adds {@code x·A[a]·B[a]} to what a projection made. */
  private void adapt(Site site, int number, String plain) {
    String ids = site.head() ? headIds() : IDS;
    String x = byRow(site.input(), ids, site.inputs());
    String scope = site.module() + "/adapter/";
    String down = add(scope + "down", gather(down(number), ids));
    String inner = add(scope + "inner", Node.of("MatMul", List.of(x, down), List.of("")));
    String up = add(scope + "up", gather(up(number), ids));
    String wide = add(scope + "wide", Node.of("MatMul", List.of(inner, up), List.of("")));
    String sizes = add(scope + "sizes", Node.of("Shape", List.of(plain), List.of("")));
    String flat = add(scope + "part", Node.of("Reshape", List.of(wide, sizes), List.of("")));
    nodes.add(Node.of("Add", List.of(plain, flat), List.of(site.output())).withName(scope + "add"));
  }

  /** The adapter of each row of logits: that of the row of tokens which it is in. */
  private String headIds() {
    String known = written.get(IDS);
    if (known != null) {
      return known;
    }
    String length =
        add(
            IDS + "/length",
            Node.of("Shape", List.of(CacheNames.INPUT_IDS), List.of(""))
                .with("start", Attribute.of(1L))
                .with("end", Attribute.of(2L)));
    String row = add(IDS + "/row", Node.of("Div", List.of(CacheNames.ROWS, length), List.of("")));
    String ids = add(IDS + "/of_logits", gather(IDS, row));
    written.put(IDS, ids);
    return ids;
  }

  /** Rows [B·S, I] or [B, S, I] as [B, S, I]; what reads the same value shares it. */
  private String byRow(String x, String ids, int inputs) {
    String known = written.get("rows of " + x);
    if (known != null) {
      return known;
    }
    String sizes = sizes(ids, inputs);
    String rows = add(x + "/by_row", Node.of("Reshape", List.of(x, sizes), List.of("")));
    written.put("rows of " + x, rows);
    return rows;
  }

  private String sizes(String ids, int inputs) {
    String key = "sizes " + ids + " " + inputs;
    String known = written.get(key);
    if (known != null) {
      return known;
    }
    String count = add(ids + "/count", Node.of("Shape", List.of(ids), List.of("")));
    String rest = names.of(ids + "/rest" + inputs);
    constants.put(rest, Tensor.ofLongs(new long[] {-1, inputs}, 2));
    String sizes =
        add(
            ids + "/sizes" + inputs,
            Node.of("Concat", List.of(count, rest), List.of("")).with("axis", Attribute.of(0L)));
    written.put(key, sizes);
    return sizes;
  }

  private static Node gather(String from, String ids) {
    return Node.of("Gather", List.of(from, ids), List.of("")).with("axis", Attribute.of(0L));
  }

  private String add(String name, Node node) {
    String output = names.of(name);
    nodes.add(node.withOutputs(List.of(output)).withName(output));
    return output;
  }
}
