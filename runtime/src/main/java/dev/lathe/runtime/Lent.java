package dev.lathe.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A tensor of ours in the engine's hands until closed. For most types the engine sees our memory
 * itself; for {@link Unsigned} ones it sees a twin that is brought up to date before or after a
 * run.
 */
final class Lent implements AutoCloseable {
  private final ElementType type;
  private final OnnxTensor memory;
  private final OrtSession.@Nullable Result twin;

  private Lent(ElementType type, OnnxTensor memory, OrtSession.@Nullable Result twin) {
    this.type = type;
    this.memory = memory;
    this.twin = twin;
  }

  static Lent of(String name, Tensor tensor) throws OrtException {
    OnnxTensor memory = OrtTensors.lend(tensor, name);
    if (!Unsigned.carries(tensor.type())) {
      return new Lent(tensor.type(), memory, null);
    }
    try {
      return new Lent(tensor.type(), memory, Unsigned.turn(tensor.type(), memory));
    } catch (OrtException e) {
      memory.close();
      throw e;
    }
  }

  /** What the engine computes with. */
  OnnxTensor shown() {
    return twin == null ? memory : (OnnxTensor) twin.get(0);
  }

  /** Shows the engine what our memory holds now. */
  void push() throws OrtException {
    if (twin != null) {
      Unsigned.copy(type, memory, shown());
    }
  }

  /** Brings into our memory what the engine wrote. */
  void pull() throws OrtException {
    if (twin != null) {
      Unsigned.copy(Unsigned.signedOf(type), shown(), memory);
    }
  }

  @Override
  public void close() {
    if (twin != null) {
      twin.close();
    }
    memory.close();
  }

  static void closeAll(Iterable<Lent> all) {
    all.forEach(Lent::close);
  }
}
