package dev.lathe.zoo;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.zoo.RecurrentLayers.Direction;

/**
 * A recurrent network that predicts the next token: token embeddings, layers of LSTM or GRU, and an
 * affine layer over each step. x INT64 [N, T], y FLOAT [N, T, vocabulary].
 *
 * <p>Weights are drawn as PyTorch draws them: embeddings normal with deviation 1, layers within
 * ±1/√hidden. Embeddings that are the head, too, are drawn as the head is. Recurrent parameters are
 * laid out as ONNX has them: {@code rnn.0.W}, {@code rnn.0.R}, {@code rnn.0.B}.
 *
 * @param cell the kind of layer
 * @param vocabulary tokens, numbered from 0
 * @param width features of a token; the hidden size where the head is tied
 * @param hidden features of a state
 * @param layers recurrent layers
 * @param dropout ratio left out between two layers; 0 for none
 * @param head what turns features into scores; {@code head.bias} is there in both cases
 */
public record RecurrentDecoder(
    Cell cell, int vocabulary, int width, int hidden, int layers, double dropout, Gpt.Head head)
    implements Architecture {
  /**
   * Refuses sizes out of range.
   *
   * @throws LatheException BAD_ARCHITECTURE
   */
  public RecurrentDecoder {
    String what = "recurrent decoder";
    Limits.require(what + ": vocabulary", vocabulary, 1, Limits.MOST_FEATURES);
    Limits.require(what + ": width", width, 1, Limits.MOST_FEATURES);
    new RecurrentLayers(cell, Direction.FORWARD, width, hidden, layers, dropout).require(what);
    if (head == Gpt.Head.TIED && width != hidden) {
      throw Limits.bad(
          what + ": width: " + width + " (expected: " + hidden + ", since the head is tied)");
    }
  }

  @Override
  public Model build(long seed) {
    Net net = new Net(cell.name().toLowerCase(java.util.Locale.ROOT), seed);
    String tokens = net.tokens("x", Net.TOKENS);
    Fill fill = head == Gpt.Head.TIED ? Fill.byFan(hidden) : Fill.ONE_NORMAL;
    String table = net.parameter("emb.weight", fill, vocabulary, width);
    String steps = net.embedding(net.transpose(tokens, 1, 0), table);
    RecurrentLayers rnn =
        new RecurrentLayers(cell, Direction.FORWARD, width, hidden, layers, dropout);
    String states = net.transpose(rnn.add(net, steps, "").steps(), 1, 0, 2);
    String rows = net.reshape(states, -1, hidden);
    Affine affine = Affine.standard("head", hidden, vocabulary);
    String scores =
        switch (head) {
          case OWN -> net.affine(rows, affine);
          case TIED -> net.scores(rows, table, net.parameter("head.bias", fill, vocabulary));
        };
    return net.finishPerToken(scores, tokens, vocabulary);
  }
}
