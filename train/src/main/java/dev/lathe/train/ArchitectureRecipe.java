package dev.lathe.train;

import dev.lathe.ir.LatheException;
import dev.lathe.zoo.Activation;
import dev.lathe.zoo.Cell;
import dev.lathe.zoo.Cnn.Stage;
import dev.lathe.zoo.DepthwiseCnn.Block;
import dev.lathe.zoo.Encoder.Norm;
import dev.lathe.zoo.Gpt.Head;
import dev.lathe.zoo.HuggingFace;
import dev.lathe.zoo.Llama.Size;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The network, without the sizes that follow from the data. */
public sealed interface ArchitectureRecipe {
  /** {@code y = x·Wᵀ + b}. */
  record Linear() implements ArchitectureRecipe {}

  /**
   * Fully connected layers.
   *
   * @param hidden sizes of the hidden layers
   * @param activation the function after each hidden layer
   * @param dropout part that is left out after each hidden layer while training
   */
  record Mlp(List<Integer> hidden, Activation activation, double dropout)
      implements ArchitectureRecipe {
    /** Copies the sizes. */
    public Mlp {
      hidden = List.copyOf(hidden);
    }

    /**
     * Layers without dropout.
     *
     * @param hidden sizes of the hidden layers
     * @param activation the function after each hidden layer
     */
    public Mlp(List<Integer> hidden, Activation activation) {
      this(hidden, activation, 0);
    }
  }

  /**
   * Convolutional stages over an image, then fully connected layers.
   *
   * @param stages convolutions, each followed by the activation and a maximum pool
   * @param hidden sizes of the hidden layers behind
   * @param activation the function after each layer but the last
   * @param dropout part that is left out after each hidden layer while training
   */
  record Cnn(List<Stage> stages, List<Integer> hidden, Activation activation, double dropout)
      implements ArchitectureRecipe {
    /** Copies the stages and sizes. */
    public Cnn {
      stages = List.copyOf(stages);
      hidden = List.copyOf(hidden);
    }

    /**
     * Layers without dropout.
     *
     * @param stages convolutions, each followed by the activation and a maximum pool
     * @param hidden sizes of the hidden layers behind
     * @param activation the function after each layer but the last
     */
    public Cnn(List<Stage> stages, List<Integer> hidden, Activation activation) {
      this(stages, hidden, activation, 0);
    }
  }

  /**
   * A residual network for small images; every stage but the first halves the sides.
   *
   * @param widths channels of each stage
   * @param blocks blocks of two convolutions in each stage
   */
  record ResNet(List<Integer> widths, int blocks) implements ArchitectureRecipe {
    /** Copies the widths. */
    public ResNet {
      widths = List.copyOf(widths);
    }
  }

  /**
   * Depthwise separable convolutions over an image.
   *
   * @param stem the first convolution
   * @param blocks pairs of a depthwise and a pointwise convolution
   */
  record Depthwise(Block stem, List<Block> blocks) implements ArchitectureRecipe {
    /** Copies the blocks. */
    public Depthwise {
      blocks = List.copyOf(blocks);
    }
  }

  /**
   * A decoder of pre-normalized blocks with learned positions; for language models.
   *
   * @param width features of a token
   * @param layers blocks
   * @param heads attention heads; the width is a multiple
   * @param dropout part that is left out while training
   * @param head what turns features into scores
   */
  record Gpt(int width, int layers, int heads, double dropout, Head head)
      implements ArchitectureRecipe {}

  /**
   * A decoder with rotary positions, shared keys and gated feed-forward parts; for language models.
   *
   * @param size width, depth and heads
   * @param head what turns features into scores
   */
  record Llama(Size size, Head head) implements ArchitectureRecipe {}

  /**
   * Blocks of attention to both sides, for classes of texts and of tokens.
   *
   * @param size width, depth and heads
   * @param dropout part that is left out while training
   * @param norm where normalizations stand
   */
  record Encoder(dev.lathe.zoo.Encoder.Size size, double dropout, Norm norm)
      implements ArchitectureRecipe {}

  /**
   * Recurrent layers: for language models, or, reading from both ends, for classes of texts and of
   * tokens.
   *
   * @param cell the kind of layer
   * @param width features of a token
   * @param hidden features of a state, in each direction
   * @param layers how many
   * @param dropout part that is left out while training
   * @param head what turns features into scores of a language model
   */
  record Recurrent(Cell cell, int width, int hidden, int layers, double dropout, Head head)
      implements ArchitectureRecipe {}

  /**
   * A Transformer that reads a source and writes a target; for translation.
   *
   * @param width features of a token
   * @param layers blocks of the encoder, and of the decoder
   * @param heads attention heads; the width is a multiple
   * @param feedForward features inside a feed-forward part
   * @param dropout part that is left out while training
   */
  record EncoderDecoder(int width, int layers, int heads, int feedForward, double dropout)
      implements ArchitectureRecipe {}

  /**
   * Somebody's model, to be trained further.
   *
   * @param file the ONNX file, or a folder with {@code model.onnx} and what lies beside it; an
   *     empty path for the files of a version that are not known yet
   * @param version the version, {@code namespace/name@version}; empty if it is none
   * @param head whether its last layer stays
   */
  record Base(Path file, String version, LastLayer head) implements ArchitectureRecipe {
    private static final String MODEL = "model.onnx";

    /**
     * A model that is no version.
     *
     * @param file the ONNX file, or the folder
     */
    public Base(Path file) {
      this(file, "", LastLayer.KEPT);
    }

    /**
     * The same base where its files are known.
     *
     * @param folder the files
     * @param found the version, {@code namespace/name@version}
     * @return a base with the same head
     */
    public Base at(Path folder, String found) {
      return new Base(folder, found, head);
    }

    /**
     * The graph's file.
     *
     * @return a file that need not exist
     * @throws LatheException BAD_RECIPE if it is a version whose files are not known
     */
    public Path model() {
      if (file.toString().isEmpty()) {
        throw new LatheException(
            TrainError.BAD_RECIPE,
            "base: " + version + " (expected: a file or folder, where there is no registry)");
      }
      return Files.isDirectory(file) ? file.resolve(MODEL) : file;
    }

    /**
     * Where tokenizer, template and settings lie.
     *
     * @return the folder of the graph's file
     */
    public Path folder() {
      return model().toAbsolutePath().getParent();
    }

    /**
     * What a model of texts has beside it and keeps when it is trained further: tokenizer, template
     * and settings.
     *
     * @return files by their names
     */
    public Map<String, Path> beside() {
      Map<String, Path> found = new TreeMap<>();
      for (String name : HuggingFace.smallFiles()) {
        Path beside = folder().resolve(name);
        if (Files.isRegularFile(beside)) {
          found.put(name, beside);
        }
      }
      return found;
    }
  }
}
