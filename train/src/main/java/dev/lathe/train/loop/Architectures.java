package dev.lathe.train.loop;

import dev.lathe.train.ArchitectureRecipe;
import dev.lathe.train.Recipe;
import dev.lathe.train.Task;
import dev.lathe.train.data.PreparedData;
import dev.lathe.zoo.Answer;
import dev.lathe.zoo.Architecture;
import dev.lathe.zoo.Cnn;
import dev.lathe.zoo.DepthwiseCnn;
import dev.lathe.zoo.Encoder;
import dev.lathe.zoo.EncoderDecoder;
import dev.lathe.zoo.Gpt;
import dev.lathe.zoo.Linear;
import dev.lathe.zoo.Llama;
import dev.lathe.zoo.Mlp;
import dev.lathe.zoo.RecurrentDecoder;
import dev.lathe.zoo.RecurrentEncoder;
import dev.lathe.zoo.ResNet;

/** From what a recipe says of a network, and the sizes of the data, to the network. */
final class Architectures {
  private Architectures() {}

  /**
   * The network that a recipe names.
   *
   * @param recipe names any but {@link ArchitectureRecipe.Base}
   * @param data tells sizes of examples and answers
   * @throws dev.lathe.ir.LatheException BAD_ARCHITECTURE if sizes do not fit each other
   */
  static Architecture of(Recipe recipe, PreparedData data) {
    int[] dims = java.util.Arrays.stream(data.exampleDims()).mapToInt(Math::toIntExact).toArray();
    int outputs = data.outputs();
    return switch (recipe.architecture()) {
      case ArchitectureRecipe.Base _ -> throw new IllegalStateException("not built from scratch");
      case ArchitectureRecipe.Linear _ -> new Linear(dims[0], outputs);
      case ArchitectureRecipe.Mlp mlp ->
          new Mlp(dims[0], mlp.hidden(), outputs, mlp.activation(), mlp.dropout());
      case ArchitectureRecipe.Cnn cnn ->
          new Cnn(
              image(dims), cnn.stages(), cnn.hidden(), outputs, cnn.activation(), cnn.dropout());
      case ArchitectureRecipe.ResNet net ->
          new ResNet(image(dims), net.widths(), net.blocks(), outputs);
      case ArchitectureRecipe.Depthwise net ->
          new DepthwiseCnn(image(dims), net.stem(), net.blocks(), outputs);
      case ArchitectureRecipe.Gpt gpt ->
          new Gpt(
              outputs, dims[0], gpt.width(), gpt.layers(), gpt.heads(), gpt.dropout(), gpt.head());
      case ArchitectureRecipe.Llama llama ->
          new Llama(outputs, dims[0], llama.size(), Llama.Constants.STANDARD, llama.head());
      case ArchitectureRecipe.EncoderDecoder net ->
          new EncoderDecoder(
              outputs,
              dims[0],
              net.width(),
              net.layers(),
              net.heads(),
              net.feedForward(),
              net.dropout());
      case ArchitectureRecipe.Encoder net ->
          new Encoder(
              data.train().vocabulary(),
              dims[0],
              net.size(),
              net.dropout(),
              net.norm(),
              answer(recipe.task()),
              scores(recipe.task(), outputs));
      case ArchitectureRecipe.Recurrent net ->
          recipe.task() == Task.LANGUAGE_MODEL ? decoder(net, outputs) : encoder(net, recipe, data);
    };
  }

  private static Answer answer(Task task) {
    return switch (task) {
      case TOKEN_CLASSIFICATION -> Answer.TOKENS;
      case QUESTION_ANSWERING -> Answer.SPAN;
      default -> Answer.SEQUENCE;
    };
  }

  /** Places are as many as a sequence has; each token gets two scores, as either end. */
  private static int scores(Task task, int outputs) {
    return task == Task.QUESTION_ANSWERING ? 2 : outputs;
  }

  private static Architecture decoder(ArchitectureRecipe.Recurrent net, int tokens) {
    return new RecurrentDecoder(
        net.cell(), tokens, net.width(), net.hidden(), net.layers(), net.dropout(), net.head());
  }

  private static Architecture encoder(
      ArchitectureRecipe.Recurrent net, Recipe recipe, PreparedData data) {
    return new RecurrentEncoder(
        net.cell(),
        data.train().vocabulary(),
        new RecurrentEncoder.Size(net.width(), net.hidden(), net.layers()),
        net.dropout(),
        answer(recipe.task()),
        scores(recipe.task(), data.outputs()));
  }

  private static Cnn.Image image(int[] dims) {
    return new Cnn.Image(dims[0], dims[1], dims[2]);
  }
}
