package dev.lathe.train;

import dev.lathe.zoo.Activation;
import dev.lathe.zoo.Cnn.Stage;
import dev.lathe.zoo.Gpt.Head;
import java.nio.file.Path;
import java.util.List;

/** The network, without the sizes that follow from the data. */
public sealed interface ArchitectureRecipe {
  /** {@code y = x·Wᵀ + b}. */
  record Linear() implements ArchitectureRecipe {}

  /**
   * Fully connected layers.
   *
   * @param hidden sizes of the hidden layers
   * @param activation the function after each hidden layer
   */
  record Mlp(List<Integer> hidden, Activation activation) implements ArchitectureRecipe {
    /** Copies the sizes. */
    public Mlp {
      hidden = List.copyOf(hidden);
    }
  }

  /**
   * Convolutional stages over an image, then fully connected layers.
   *
   * @param stages convolutions, each followed by the activation and a maximum pool
   * @param hidden sizes of the hidden layers behind
   * @param activation the function after each layer but the last
   */
  record Cnn(List<Stage> stages, List<Integer> hidden, Activation activation)
      implements ArchitectureRecipe {
    /** Copies the stages and sizes. */
    public Cnn {
      stages = List.copyOf(stages);
      hidden = List.copyOf(hidden);
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
   * Somebody's model, to be trained further.
   *
   * @param file the ONNX file
   */
  record Base(Path file) implements ArchitectureRecipe {}
}
