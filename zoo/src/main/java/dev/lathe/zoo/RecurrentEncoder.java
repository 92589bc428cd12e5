package dev.lathe.zoo;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.zoo.RecurrentLayers.Direction;
import java.util.Locale;
import java.util.Map;

/**
 * Recurrent layers that read a sequence from both ends, and scores for the sequence or for every
 * token. x INT64 [N, T], attention_mask INT64 [N, T] with 1 for tokens and 0 for the padding behind
 * them, which is not read.
 *
 * <p>Scores for the sequence come from the states at both ends. Weights are drawn as PyTorch draws
 * them, recurrent parameters laid out as ONNX has them: {@code rnn.0.W}, {@code rnn.0.R}, {@code
 * rnn.0.B}.
 *
 * @param cell the kind of layer
 * @param vocabulary tokens, numbered from 0
 * @param size width and depth
 * @param dropout ratio left out after embeddings, between layers and before scores; 0 for none
 * @param answer what gets scores
 * @param outputs scores
 * @see <a href="https://arxiv.org/abs/1508.01991">Huang et al. 2015</a>
 */
public record RecurrentEncoder(
    Cell cell, int vocabulary, Size size, double dropout, Answer answer, int outputs)
    implements Architecture {
  /**
   * How large a network is.
   *
   * @param width features of a token
   * @param hidden features of a state, in each direction
   * @param layers recurrent layers
   */
  public record Size(int width, int hidden, int layers) {}

  /**
   * Refuses sizes out of range.
   *
   * @throws LatheException BAD_ARCHITECTURE
   */
  public RecurrentEncoder {
    String what = "recurrent encoder";
    Limits.require(what + ": vocabulary", vocabulary, 1, Limits.MOST_FEATURES);
    Limits.require(what + ": width", size.width(), 1, Limits.MOST_FEATURES);
    Limits.require(what + ": outputs", outputs, 1, Limits.MOST_FEATURES);
    layers(cell, size, dropout).require(what);
  }

  private static RecurrentLayers layers(Cell cell, Size size, double dropout) {
    return new RecurrentLayers(
        cell, Direction.BOTH, size.width(), size.hidden(), size.layers(), dropout);
  }

  @Override
  public Model build(long seed) {
    Net net = new Net(cell.name().toLowerCase(Locale.ROOT), seed);
    String tokens = net.tokens("x", Net.TOKENS);
    String mask = net.tokens(Net.MASK, Net.TOKENS);
    String count = net.add("ReduceSum", Map.of("keepdims", Attribute.of(0L)), mask, net.longs(1));
    String lengths =
        net.add("Cast", Map.of("to", Attribute.of((long) ElementType.INT32.code())), count);
    String table = net.parameter("emb.weight", Fill.ONE_NORMAL, vocabulary, size.width());
    String steps = net.embedding(net.transpose(tokens, 1, 0), table);
    RecurrentLayers rnn = layers(cell, size, dropout);
    RecurrentLayers.Result read = rnn.add(net, net.dropout(steps, dropout), lengths);
    String features =
        switch (answer) {
          case SEQUENCE -> net.transpose(read.end(), 1, 0, 2);
          case TOKENS, SPAN -> net.transpose(read.steps(), 1, 0, 2);
        };
    String rows = net.dropout(net.reshape(features, -1, rnn.outputs()), dropout);
    String scores = net.affine(rows, Affine.standard("classifier", rnn.outputs(), outputs));
    return switch (answer) {
      case SEQUENCE -> net.finish(scores, Net.perExample(outputs));
      case TOKENS -> net.finishPerToken(scores, tokens, outputs);
      case SPAN -> net.finishSpans(scores, tokens);
    };
  }
}
