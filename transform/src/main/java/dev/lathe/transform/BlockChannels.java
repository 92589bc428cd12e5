package dev.lathe.transform;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Convolutions over blocks of channels, as ONNX Runtime computes them where kernels are constant:
 * {@code Conv} of {@code com.microsoft.nchwc} 1, whose input is [N, C/b, H, W, b] and whose kernel
 * is [M/b, C/b, kH, kW, b, b], each under the shape that it has unblocked. The engine puts kernels
 * into that order when it loads a model; in a training step they change, so the step orders them
 * itself: kernels are small. What a convolution reads and gives is put into blocks and back around
 * it, which costs a tenth of what the blocks save.
 *
 * <p>For one engine on one processor: a model in this form is run, never kept.
 */
public final class BlockChannels {
  private static final String DOMAIN = "com.microsoft.nchwc";

  private final TypedModel typed;
  private final int block;
  private final GraphBuilder names;
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Tensor> initializers;
  private final Map<String, String> blocked = new HashMap<>();
  private final Map<String, String> sizes = new HashMap<>();

  private BlockChannels(Model model, int block) {
    this.typed = InferShapes.apply(model);
    this.block = block;
    this.names = GraphBuilder.from(model.graph());
    this.initializers = new LinkedHashMap<>(model.graph().initializers());
  }

  /** The sizes of a convolution's kernel, [M, C, kH, kW]. */
  private record Kernel(long maps, long channels, long height, long width) {}

  /**
   * Puts convolutions over blocks of channels where that is possible: FLOAT, two axes of space, one
   * group, explicit pads, more than one tap, channels and maps in whole blocks, a kernel that is
   * not constant.
   *
   * @param model the model
   * @param block channels in a block, as the engine has them; 1 if it has none
   * @return a model that computes the same up to the order of sums, or the same object if there is
   *     nothing to change
   */
  public static Model apply(Model model, int block) {
    boolean any = model.graph().nodes().stream().anyMatch(BlockChannels::isConvolution);
    return block <= 1 || !any ? model : new BlockChannels(model, block).apply();
  }

  private static boolean isConvolution(Node node) {
    return node.qualifiedOp().equals("Conv")
        && node.intAttribute("group", 1) == 1
        && node.stringAttribute("auto_pad", "NOTSET").equals("NOTSET");
  }

  private Model apply() {
    Model model = typed.model();
    for (Node node : model.graph().nodes()) {
      Optional<Kernel> kernel = isConvolution(node) ? kernel(node) : Optional.empty();
      kernel.ifPresentOrElse(sizes -> convolve(node, sizes), () -> nodes.add(node));
    }
    if (nodes.size() == model.graph().nodes().size()) {
      return model;
    }
    Graph graph = model.graph().withNodes(nodes).withInitializers(initializers);
    return model.withGraph(graph).withOpset(DOMAIN, 1);
  }

  /** The kernel's sizes; empty if the convolution stays as it is. */
  private Optional<Kernel> kernel(Node node) {
    if (!(typed.type(node.input(1)) instanceof ValueType.TensorType(ElementType type, Shape shape))
        || type != ElementType.FLOAT
        || initializers.containsKey(node.input(1))
        || !shape.ranked()
        || !shape.isStatic()
        || shape.sizes().length != 4) {
      return Optional.empty();
    }
    long[] sizes = shape.sizes();
    boolean whole = sizes[0] % block == 0 && sizes[1] % block == 0 && Tensor.sizeOf(sizes) > 0;
    return whole && sizes[2] * sizes[3] > 1
        ? Optional.of(new Kernel(sizes[0], sizes[1], sizes[2], sizes[3]))
        : Optional.empty();
  }

  private void convolve(Node node, Kernel kernel) {
    String x =
        blocked.computeIfAbsent(node.input(0), plain -> add("ReorderInput", Map.of(), plain));
    List<String> inputs = new ArrayList<>(node.inputs());
    inputs.set(0, x);
    inputs.set(1, ordered(node.input(1), kernel));
    String y = names.fresh(node.output(0) + "/blocked");
    nodes.add(
        node.withDomain(DOMAIN)
            .withInputs(inputs)
            .withOutputs(List.of(y))
            .with("kernel_shape", Attribute.ofInts(kernel.height(), kernel.width())));
    nodes.add(
        Node.of("ReorderOutput", List.of(y), node.outputs())
            .withDomain(DOMAIN)
            .with("channels", Attribute.of(kernel.maps())));
  }

  /** [M, C, kH, kW] to [M/b, C/b, kH, kW, b of C, b of M]. */
  private String ordered(String kernel, Kernel sizes) {
    long[] split = {
      sizes.maps() / block, block, sizes.channels() / block, block, sizes.height(), sizes.width()
    };
    long[] whole = {sizes.maps(), sizes.channels(), sizes.height(), sizes.width()};
    String turned =
        plain(
            "Transpose",
            Map.of("perm", Attribute.ofInts(0, 2, 4, 5, 3, 1)),
            plain("Reshape", Map.of(), kernel, sizes(split)));
    return plain("Reshape", Map.of(), turned, sizes(whole));
  }

  private String sizes(long... sizes) {
    String name =
        "blocks/" + String.join("x", Arrays.stream(sizes).mapToObj(Long::toString).toList());
    return this.sizes.computeIfAbsent(
        name,
        _ -> {
          String fresh = names.fresh(name);
          initializers.put(fresh, Tensor.ofLongs(sizes, sizes.length));
          return fresh;
        });
  }

  private String add(String op, Map<String, Attribute> attributes, String... inputs) {
    return append(
        Node.of(op, List.of(inputs), List.of(names.fresh(inputs[0] + "/blocks")))
            .withDomain(DOMAIN),
        attributes);
  }

  private String plain(String op, Map<String, Attribute> attributes, String... inputs) {
    return append(
        Node.of(op, List.of(inputs), List.of(names.fresh(inputs[0] + "/blocks"))), attributes);
  }

  private String append(Node node, Map<String, Attribute> attributes) {
    nodes.add(node.withAttributes(attributes));
    return node.output(0);
  }
}
