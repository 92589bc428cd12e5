package dev.lathe.runtime;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.lathe.ir.Attribute;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.ExternalData;
import dev.lathe.onnx.OnnxFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** Where the engine gets a model from. Closed with the session. */
sealed interface ModelBytes extends AutoCloseable {
  /** Bytes beyond which a model goes through a file: protobuf, and Java's arrays, end at 2 GiB. */
  long MOST_IN_MEMORY = 1L << 30;

  /** Weights of this size and more lie beside the model, where the engine maps them. */
  long EXTERNAL_FROM = 1024;

  /** A page, so that the engine can map each weight. */
  int ALIGNMENT = 4096;

  OrtSession load(SessionOptions options) throws OrtException;

  @Override
  void close();

  /**
   * In memory.
   *
   * @param model the model
   */
  record InMemory(Model model) implements ModelBytes {
    @Override
    public OrtSession load(SessionOptions options) throws OrtException {
      try (OrtSession.SessionOptions engine = Engine.options(options)) {
        return Engine.environment().createSession(OnnxFile.toBytes(model), engine);
      }
    }

    @Override
    public void close() {}
  }

  /**
   * A file of the caller's.
   *
   * @param file the model
   */
  record InFile(Path file) implements ModelBytes {
    @Override
    public OrtSession load(SessionOptions options) throws OrtException {
      try (OrtSession.SessionOptions engine = Engine.options(options)) {
        return Engine.environment().createSession(file.toString(), engine);
      }
    }

    @Override
    public void close() {}
  }

  /**
   * A folder of our own with the model and its weights, deleted with the session.
   *
   * @param folder the folder
   */
  record InFolder(Path folder) implements ModelBytes {
    @Override
    public OrtSession load(SessionOptions options) throws OrtException {
      return new InFile(folder.resolve("model.onnx")).load(options);
    }

    @Override
    public void close() {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(path);
        }
      } catch (IOException | UncheckedIOException e) {
        throw new LatheException(RuntimeError.FILE, "a temporary model cannot be deleted", e);
      }
    }
  }

  static ModelBytes of(Path file) {
    return new InFile(file);
  }

  static ModelBytes of(Model model) {
    return size(model) <= MOST_IN_MEMORY ? new InMemory(model) : spill(model);
  }

  /** Writes a model into a folder of our own. */
  static ModelBytes spill(Model model) {
    try {
      InFolder spilled = new InFolder(Files.createTempDirectory("lathe-model-"));
      boolean written = false;
      try {
        ExternalData beside = new ExternalData("weights.bin", EXTERNAL_FROM, ALIGNMENT);
        OnnxFile.write(model, spilled.folder().resolve("model.onnx"), beside);
        written = true;
        return spilled;
      } finally {
        if (!written) {
          spilled.close();
        }
      }
    } catch (IOException e) {
      throw new LatheException(RuntimeError.FILE, "no temporary folder for a large model", e);
    }
  }

  private static long size(Model model) {
    long weights = model.graph().initializers().values().stream().mapToLong(Tensor::byteSize).sum();
    long constants =
        model.graph().nodes().stream()
            .flatMap(node -> node.attributes().values().stream())
            .mapToLong(value -> value instanceof Attribute.OfTensor(Tensor t) ? t.byteSize() : 0)
            .sum();
    return weights + constants;
  }
}
