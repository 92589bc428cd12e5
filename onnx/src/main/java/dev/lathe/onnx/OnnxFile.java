package dev.lathe.onnx;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.onnx.codec.ExternalPlan;
import dev.lathe.onnx.codec.ModelReader;
import dev.lathe.onnx.codec.ModelWriter;
import dev.lathe.onnx.file.AtomicFile;
import dev.lathe.onnx.file.ExternalFiles;
import dev.lathe.onnx.file.MappedFile;
import dev.lathe.onnx.file.Sidecar;
import dev.lathe.onnx.wire.WireWriter;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads and writes models in ONNX's own file format, the protobuf wire format.
 *
 * <p>Reading never copies weights that stand in {@code raw_data} or in external files: tensors are
 * slices of the mapping, not always aligned to their element. Fields that the model has no place
 * for are kept and written again. Writing is deterministic; elements always stand in {@code
 * raw_data}.
 *
 * @see <a href="https://github.com/onnx/onnx/blob/main/docs/IR.md">ONNX IR</a>
 */
public final class OnnxFile {
  private static final byte[] LFS_POINTER =
      "version https://git-lfs".getBytes(StandardCharsets.US_ASCII);

  private OnnxFile() {}

  /**
   * Reads a model; weights are slices of the mapped file, which lives as long as a tensor of it is
   * reachable. Nobody may change the file in place meanwhile; replacing it is safe.
   *
   * @param file the file; external data are looked for in its folder only
   * @return the model, read but not checked
   * @throws LatheException NO_FILE, UNREADABLE; MALFORMED, LIMIT or EXTERNAL_DATA if the file is
   *     not sound
   */
  public static Model read(Path file) {
    MemorySegment bytes = MappedFile.map(file);
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new LatheException(OnnxError.UNREADABLE, file + ": not a regular file");
    }
    requireNoPointer(bytes, file.toString());
    return ModelReader.read(bytes, new ExternalFiles(folder), String.valueOf(file.getFileName()));
  }

  /**
   * Reads a model from memory; external data are refused.
   *
   * @param bytes the whole file; tensors are slices of it
   * @return the model, read but not checked
   * @throws LatheException MALFORMED, LIMIT or EXTERNAL_DATA if the bytes are not sound
   */
  public static Model parse(MemorySegment bytes) {
    requireNoPointer(bytes, "model");
    return ModelReader.read(
        bytes,
        (tensor, _, _) -> {
          throw new LatheException(
              OnnxError.EXTERNAL_DATA,
              "tensor \"" + tensor + "\": external data, and the model is not read from a file");
        },
        "model");
  }

  /**
   * Writes a model to memory.
   *
   * @param model the model
   * @return the same bytes for the same model
   * @throws LatheException TOO_LARGE beyond 2 GiB
   */
  public static byte[] toBytes(Model model) {
    return ModelWriter.write(model, ExternalPlan.NONE).toArray();
  }

  /**
   * Writes a model to one file; weights go from their memory to the disk, not through the heap.
   *
   * @param model the model
   * @param file the file, replaced at once when all is on the disk
   * @throws LatheException TOO_LARGE beyond 2 GiB; NOT_WRITTEN or DISK_FULL, and then the file is
   *     as it was
   */
  public static void write(Model model, Path file) {
    WireWriter message = ModelWriter.write(model, ExternalPlan.NONE);
    AtomicFile.write(file, message::writeTo);
  }

  /**
   * Writes a model to two files: the model, and its large weights beside it, of any size. Both are
   * on the disk before the first takes its name. Where weights of that name exist already, the old
   * model goes first, so that an interruption leaves no model rather than one with others' weights.
   *
   * @param model the model
   * @param file the model's file
   * @param external where the weights go
   * @throws LatheException EXTERNAL_DATA if both have one name; NOT_WRITTEN or DISK_FULL
   */
  public static void write(Model model, Path file, ExternalData external) {
    Path weights = file.resolveSibling(external.fileName());
    if (weights.equals(file)) {
      throw new LatheException(
          OnnxError.EXTERNAL_DATA,
          "external data file \""
              + external.fileName()
              + "\" (expected: another than the model's)");
    }
    Sidecar sidecar = new Sidecar(external.fileName(), external.threshold(), external.alignment());
    WireWriter message = ModelWriter.write(model, sidecar);
    if (sidecar.isEmpty()) {
      AtomicFile.write(file, message::writeTo);
      return;
    }
    try (AtomicFile first = AtomicFile.draft(weights, sidecar::writeTo);
        AtomicFile second = AtomicFile.draft(file, message::writeTo)) {
      if (Files.isRegularFile(weights)) {
        second.retractOld();
      }
      first.publish();
      second.publish();
    }
  }

  private static void requireNoPointer(MemorySegment bytes, String label) {
    int length = LFS_POINTER.length;
    if (bytes.byteSize() >= length
        && MemorySegment.mismatch(bytes, 0, length, MemorySegment.ofArray(LFS_POINTER), 0, length)
            == -1) {
      throw new LatheException(
          OnnxError.MALFORMED,
          label + ": a Git LFS pointer (expected: the file itself; run `git lfs pull`)");
    }
  }
}
