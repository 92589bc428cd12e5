package dev.lathe.onnx;

import dev.lathe.ir.Model;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** Reads and writes models in ONNX's own file format, the protobuf wire format. */
public final class OnnxFile {
  private OnnxFile() {}

  /**
   * Reads a model; weights are slices of the mapped file.
   *
   * @param file the file; external data are looked for in its folder only
   * @return the model
   */
  public static Model read(Path file) {
    throw new UnsupportedOperationException(file.toString());
  }

  /**
   * Reads a model from memory; external data are refused.
   *
   * @param bytes the whole file; tensors are slices of it
   * @return the model
   */
  public static Model parse(MemorySegment bytes) {
    throw new UnsupportedOperationException(bytes.toString());
  }

  /**
   * Writes a model to memory.
   *
   * @param model the model
   * @return the same bytes for the same model
   */
  public static byte[] toBytes(Model model) {
    throw new UnsupportedOperationException(model.graph().name());
  }

  /**
   * Writes a model to one file.
   *
   * @param model the model
   * @param file the file, replaced at once when all is on the disk
   */
  public static void write(Model model, Path file) {
    throw new UnsupportedOperationException(file + model.graph().name());
  }

  /**
   * Writes a model to two files: the model, and its large weights beside it.
   *
   * @param model the model
   * @param file the model's file
   * @param external where the weights go
   */
  public static void write(Model model, Path file, ExternalData external) {
    throw new UnsupportedOperationException(file + model.graph().name() + external);
  }
}
