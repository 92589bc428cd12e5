package dev.lathe.zoo.huggingface;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.Gguf;
import dev.lathe.zoo.ZooError;

/** A tensor of a checkpoint, which becomes FLOAT when somebody takes it. */
interface Stored {
  /** How its numbers are stored. */
  String type();

  /** Its shape. */
  long[] dims();

  /** Its numbers as FLOAT. */
  Tensor read(Widen widen);

  /** A tensor of any type; only floating-point numbers can be read. */
  static Stored of(String name, Tensor tensor) {
    return new Stored() {
      @Override
      public String type() {
        return tensor.type().name();
      }

      @Override
      public long[] dims() {
        return tensor.dims();
      }

      @Override
      public Tensor read(Widen widen) {
        return switch (tensor.type()) {
          case FLOAT -> tensor;
          case FLOAT16, BFLOAT16, DOUBLE -> widen.toFloat(tensor);
          default ->
              throw new LatheException(
                  ZooError.UNSUPPORTED,
                  "tensor \""
                      + name
                      + "\": "
                      + type()
                      + " (supported: FLOAT, FLOAT16, BFLOAT16, DOUBLE)");
        };
      }
    };
  }

  /** A tensor of blocks. */
  static Stored of(Gguf.Packed packed) {
    return new Stored() {
      @Override
      public String type() {
        return packed.type();
      }

      @Override
      public long[] dims() {
        return packed.dims();
      }

      @Override
      public Tensor read(Widen widen) {
        Tensor room = widen.room(packed.dims());
        packed.readInto(room);
        return room;
      }
    };
  }
}
