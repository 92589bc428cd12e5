package dev.lathe.train;

import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.train.chat.ChatFile;
import dev.lathe.train.chat.ChatTokens;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A decoder that may be trained further on conversations: tokens INT64 [N, T] to scores FLOAT [N,
 * T, V].
 *
 * @param tokens V, the tokens that it gives scores for
 * @param length T, if it takes sequences of one length only; 0 if of any
 * @param context the longest text that it takes; a very large number where nothing says so
 * @param bytes what its weights take
 * @param layers patterns of the weights of its layers, for adapters: what has a layer's number in
 *     its name
 */
public record TunableModel(int tokens, int length, int context, long bytes, List<String> layers) {
  private static final Pattern LAYER = Pattern.compile("(.*?\\.)\\d+\\..*");

  /** Copies the patterns. */
  public TunableModel {
    layers = List.copyOf(layers);
  }

  /**
   * Looks at a model.
   *
   * @param file the graph; {@code config.json} beside it tells the context
   * @return what it is
   * @throws LatheException UNSUPPORTED_MODEL if it is no such decoder
   */
  public static TunableModel of(Path file) {
    Graph graph = OnnxFile.read(file).graph();
    List<ValueInfo> inputs = graph.requiredInputs();
    boolean fits =
        inputs.size() == 1
            && inputs.getFirst().tensorType().element() == ElementType.INT64
            && !graph.outputs().isEmpty();
    Shape seen = fits ? inputs.getFirst().tensorType().shape() : Shape.of(List.of());
    Shape said = fits ? graph.outputs().getFirst().tensorType().shape() : Shape.of(List.of());
    boolean decodes = seen.ranked() && seen.rank() == 2 && said.ranked() && said.rank() == 3;
    if (!decodes || !(said.dim(2) instanceof Dim.Fixed(long tokens))) {
      throw new LatheException(
          TrainError.UNSUPPORTED_MODEL,
          "base "
              + file.getFileName()
              + ": inputs "
              + inputs.stream().map(TunableModel::shown).toList()
              + ", outputs "
              + graph.outputs().stream().map(TunableModel::shown).toList()
              + " (expected: a decoder, tokens INT64 [N, T] to scores FLOAT [N, T, V])");
    }
    long length = seen.dim(1) instanceof Dim.Fixed(long only) ? only : 0;
    return new TunableModel(
        Math.toIntExact(tokens),
        Math.toIntExact(length),
        ChatTokens.context(file.toAbsolutePath().getParent()),
        graph.initializers().values().stream().mapToLong(Tensor::byteSize).sum(),
        layers(graph.initializers()));
  }

  private static String shown(ValueInfo value) {
    return "\"" + value.name() + "\" " + value.type();
  }

  private static List<String> layers(Map<String, Tensor> weights) {
    TreeSet<String> patterns = new TreeSet<>();
    weights.forEach(
        (name, weight) -> {
          Matcher layer = LAYER.matcher(name);
          if (weight.rank() == 2 && layer.matches()) {
            patterns.add(layer.group(1) + "*");
          }
        });
    return List.copyOf(patterns);
  }

  /**
   * Looks through a file of conversations, whatever model will learn from it.
   *
   * @param file the file
   * @param name what to call it in errors
   * @return how many examples there are, at least one
   * @throws LatheException BAD_DATA naming the line and what is wrong with it; TOO_LARGE
   */
  public static int examples(Path file, String name) {
    int[] count = new int[1];
    ChatFile.read(file, name, line -> count[0]++);
    return count[0];
  }
}
