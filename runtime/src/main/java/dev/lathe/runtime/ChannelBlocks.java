package dev.lathe.runtime;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import java.util.List;
import java.util.Map;

/**
 * How many channels the engine puts into a block on this processor. It does not say so; one run of
 * {@code com.microsoft.nchwc.ReorderInput} on numbered channels shows it.
 */
public final class ChannelBlocks {
  /** More than any block, and whole blocks of every size. */
  private static final int CHANNELS = 64;

  private ChannelBlocks() {}

  /** Asked once. */
  private static final class Asked {
    static final int SIZE = ask();
  }

  /**
   * The size of a block.
   *
   * @return 8 or 16 on processors that ONNX Runtime has such kernels for, 1 on others
   */
  public static int size() {
    return Asked.SIZE;
  }

  private static int ask() {
    try (Session session = Session.open(reordering(), SessionOptions.defaults())) {
      float[] numbers = new float[2 * CHANNELS];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = i / 2;
      }
      Tensor x = Tensor.ofFloats(numbers, 1, CHANNELS, 1, 2);
      float[] blocked = session.run(Map.of("x", x)).get("y").toFloats();
      int size = 0;
      while (size < CHANNELS && blocked[size] == size) {
        size++;
      }
      return size > 0 && CHANNELS % size == 0 ? size : 1;
    } catch (LatheException e) {
      return 1;
    }
  }

  private static Model reordering() {
    GraphBuilder builder = new GraphBuilder("blocks");
    builder.input("x", ElementType.FLOAT, Shape.of(1, CHANNELS, 1, 2));
    builder.append(
        Node.of("ReorderInput", List.of("x"), List.of("y")).withDomain("com.microsoft.nchwc"));
    builder.output("y", ElementType.FLOAT, Shape.of(1, CHANNELS, 1, 2));
    return Model.of(builder.build()).withOpset("com.microsoft.nchwc", 1);
  }
}
