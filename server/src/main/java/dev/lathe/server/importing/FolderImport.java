package dev.lathe.server.importing;

import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.onnx.Checker;
import dev.lathe.onnx.ExternalData;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.prepare.SentencePieces;
import dev.lathe.prepare.Tokenizer;
import dev.lathe.registry.Content;
import dev.lathe.registry.DataDigest;
import dev.lathe.registry.Lineage;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.Release;
import dev.lathe.registry.Signature;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.server.ServerError;
import dev.lathe.server.Tool;
import dev.lathe.zoo.HuggingFace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Makes a release of a folder as Hugging Face's libraries save it, or of a GGUF file. The graph is
 * written to a file, and the engine that will serve it must answer from that file.
 *
 * @param scratch an empty folder, where large files are until the release is published
 * @param clock where times come from
 */
public record FolderImport(Path scratch, InstantSource clock) {
  private static final String WEIGHTS = "model.onnx.data";
  private static final String TOKENIZER = "tokenizer.json";
  private static final long LARGEST_PIECES = 64L << 20;

  /** Models with more bytes of weights keep them in a file of their own, which is mapped. */
  private static final long MOST_INSIDE = 64L << 20;

  /** Models with more bytes of weights are not tried out: that takes as much memory. */
  private static final long MOST_TRIED = 4L << 30;

  /**
   * Reads a folder.
   *
   * @param folder the folder, or a GGUF file; nothing of it changes until the release is published
   * @param origin where it comes from, such as {@code hf://namespace/name@commit}; empty for a
   *     folder of this machine
   * @param message why the version exists; empty for a usual one
   * @return the release
   * @throws LatheException as {@link HuggingFace#read} says; BAD_SOURCE if the engine's answers are
   *     no numbers
   */
  public Release read(Path folder, String origin, String message) {
    Optional<Path> gguf = CheckpointFiles.gguf(folder);
    Optional<Path> exported = CheckpointFiles.exported(folder);
    Path wide = scratch.resolve("wide.bin");
    HuggingFace read =
        gguf.map(file -> HuggingFace.readGguf(file, scratch))
            .or(() -> exported.map(file -> HuggingFace.readExported(folder, file, wide)))
            .orElseGet(() -> HuggingFace.read(folder, wide));
    Path home = gguf.isPresent() ? scratch : folder;
    SortedMap<String, Content> files = new TreeMap<>();
    for (Path beside : read.files()) {
      String path = home.relativize(beside).toString().replace('\\', '/');
      if (path.equals("tokenizer.json")) {
        Tokenizer.open(beside).close();
      }
      files.put(path, Content.of(beside));
    }
    tokenizer(folder).ifPresent(json -> files.putIfAbsent(TOKENIZER, Content.of(json)));
    files.putAll(written(read.model()));
    exported.ifPresent(file -> SameAnswers.require(file, scratch.resolve(Release.MODEL)));
    Metadata metadata =
        new Metadata(
            read.task().key(),
            read.labels(),
            Signature.of(read.model()),
            lineage(CheckpointFiles.of(folder), origin),
            Map.of());
    String usual = "Import " + read.architecture() + (origin.isEmpty() ? "" : " from " + origin);
    return new Release(files, metadata, message.isEmpty() ? usual : message);
  }

  /** Made of what Marian's models have in its place. */
  private static Optional<String> tokenizer(Path folder) {
    Path pieces = folder.resolve("source.spm");
    Path numbers = folder.resolve("vocab.json");
    try {
      if (!Files.isRegularFile(pieces) || !Files.isRegularFile(numbers)) {
        return Optional.empty();
      }
      if (Files.size(pieces) > LARGEST_PIECES || Files.size(numbers) > LARGEST_PIECES) {
        throw new LatheException(
            ServerError.BAD_SOURCE,
            "source.spm or vocab.json: more than " + LARGEST_PIECES + " bytes");
      }
      return Optional.of(
          SentencePieces.tokenizerJson(Files.readAllBytes(pieces), Files.readString(numbers)));
    } catch (IOException e) {
      throw new LatheException(
          ServerError.BAD_SOURCE, folder + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private SortedMap<String, Content> written(Model model) {
    Checker.require(model);
    Path file = scratch.resolve(Release.MODEL);
    long bytes = model.graph().initializers().values().stream().mapToLong(Tensor::byteSize).sum();
    SortedMap<String, Content> files = new TreeMap<>();
    if (bytes > MOST_INSIDE) {
      OnnxFile.write(model, file, ExternalData.of(WEIGHTS));
      files.put(WEIGHTS, Content.of(scratch.resolve(WEIGHTS)));
    } else {
      OnnxFile.write(model, file);
    }
    files.put(Release.MODEL, Content.of(file));
    if (bytes <= MOST_TRIED) {
      tryOut(file);
    }
    return files;
  }

  /** Asks the engine once, with two tokens of number 0. */
  private static void tryOut(Path file) {
    try (Session session = Session.open(file, SessionOptions.defaults())) {
      Map<String, Tensor> inputs = new LinkedHashMap<>();
      for (ValueInfo input : session.inputs()) {
        long value = input.name().equals("attention_mask") ? 1 : 0;
        inputs.put(input.name(), filled(input, value));
      }
      TimedRun.USUAL
          .of(session, inputs)
          .forEach(
              (name, answer) -> {
                for (long i = 0; i < answer.size(); i++) {
                  if (!Double.isFinite(answer.doubleAt(i))) {
                    throw new LatheException(
                        ServerError.BAD_SOURCE,
                        "the model's \""
                            + name
                            + "\" is "
                            + answer.doubleAt(i)
                            + " for two tokens of number 0 (expected: finite numbers)");
                  }
                }
              });
    }
  }

  private static Tensor filled(ValueInfo input, long value) {
    long[] dims =
        input.tensorType().shape().dims().stream()
            .mapToLong(dim -> dim instanceof Dim.Fixed(long size) ? size : 2)
            .toArray();
    double[] values = new double[Math.toIntExact(Tensor.sizeOf(dims))];
    java.util.Arrays.fill(values, value);
    return Tensor.ofValues(ElementType.INT64, values, dims);
  }

  private Lineage lineage(SortedMap<String, Path> files, String origin) {
    List<DataDigest> data = new ArrayList<>();
    files.forEach(
        (name, file) -> {
          String full = origin.isEmpty() ? name : origin + "/" + name;
          data.add(new DataDigest(full, FileDigest.of(file), 0));
        });
    return new Lineage("import", List.of(), "", data, Map.of(), 0, Tool.NAME, clock.instant());
  }
}
