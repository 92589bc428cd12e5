package dev.lathe.generate;

import dev.lathe.generate.engine.Engine;
import dev.lathe.generate.engine.SessionDecoder;
import dev.lathe.generate.engine.Voice;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.prepare.Detokenizer;
import dev.lathe.prepare.Specials;
import dev.lathe.prepare.Tokenizer;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.transform.CachedDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A text model from a version's files: an engine over its decoder, and its tokenizer. */
final class FolderModel implements TextModel {
  private final Engine engine;
  private final SessionDecoder decoder;
  private final GenerationFiles files;
  private final Optional<Tokenizer> tokenizer;
  private final Optional<ChatTemplate> template;
  private @Nullable Constraints constraints;

  /** What is read beside the decoder. */
  private record Beside(
      GenerationFiles files, Optional<Tokenizer> tokenizer, Optional<ChatTemplate> template) {}

  private FolderModel(SessionDecoder decoder, Beside beside, TextOptions options) {
    this.decoder = decoder;
    this.files = beside.files();
    this.tokenizer = beside.tokenizer();
    this.template = beside.template();
    Supplier<Voice> voice =
        tokenizer.<Supplier<Voice>>map(found -> () -> Spoken.of(found)).orElse(() -> Silent.VOICE);
    this.engine =
        new Engine(
            decoder,
            new Engine.Setting(
                "lathe-generate",
                options.chunk(),
                options.draft(),
                options.waiting(),
                files.endTokens()),
            request -> voice.get());
  }

  static TextModel open(Path folder, TextOptions options) {
    GenerationFiles files = GenerationFiles.read(folder);
    Optional<ChatTemplate> template = ChatTemplate.read(folder);
    Path file = folder.resolve("model.onnx");
    if (!Files.isRegularFile(file)) {
      throw new LatheException(GenerateError.BAD_MODEL, "no model.onnx (expected: a decoder)");
    }
    Optional<Tokenizer> tokenizer =
        Optional.of(folder.resolve("tokenizer.json"))
            .filter(Files::isRegularFile)
            .map(Tokenizer::open);
    boolean open = false;
    try {
      SessionDecoder decoder = decoder(OnnxFile.read(file), files, options);
      FolderModel model = new FolderModel(decoder, new Beside(files, tokenizer, template), options);
      open = true;
      return model;
    } finally {
      if (!open) {
        tokenizer.ifPresent(Tokenizer::close);
      }
    }
  }

  private static SessionDecoder decoder(Model plain, GenerationFiles files, TextOptions options) {
    CachedDecoder form = CachedDecoder.of(plain);
    files.requireWithin((int) form.vocabulary());
    List<TextOptions.Arena> arenas = options.arenas(form.context(), form.bytesPerToken());
    Session session =
        Session.open(
            form.model(), new SessionOptions(options.threads(), SessionOptions.Memory.RETURNED));
    try {
      return new SessionDecoder(session, form, arenas, options.chunk());
    } catch (Error | RuntimeException e) {
      session.close();
      throw e;
    }
  }

  /** Text by a tokenizer. */
  private record Spoken(Detokenizer stream) implements Voice {
    static Voice of(Tokenizer tokenizer) {
      return new Spoken(tokenizer.stream(Detokenizer.Place.WITHIN, Specials.WITHOUT));
    }

    @Override
    public String push(int token) {
      return stream.push(token);
    }

    @Override
    public String finish() {
      return stream.finish();
    }
  }

  /** No text, for models without a tokenizer. */
  private enum Silent implements Voice {
    VOICE;

    @Override
    public String push(int token) {
      return "";
    }

    @Override
    public String finish() {
      return "";
    }
  }

  @Override
  public Optional<Tokenizer> tokenizer() {
    return tokenizer;
  }

  @Override
  public Optional<ChatTemplate> template() {
    return template;
  }

  /** Made when first wanted: a large vocabulary takes a while to sort. */
  @Override
  public synchronized Optional<Constraints> constraints() {
    Constraints found = constraints;
    if (found == null && tokenizer.isPresent()) {
      found = Constraints.of(tokenizer.get());
      constraints = found;
    }
    return Optional.ofNullable(found);
  }

  @Override
  public int vocabulary() {
    return decoder.vocabulary();
  }

  @Override
  public int context() {
    return engine.longest();
  }

  @Override
  public Set<Integer> endTokens() {
    return files.endTokens();
  }

  @Override
  public Sampling sampling() {
    return files.sampling();
  }

  @Override
  public TextStream generate(GenerateRequest request) {
    if (!request.adapter().isEmpty()) {
      throw new LatheException(
          GenerateError.UNKNOWN_ADAPTER,
          "adapter \"" + request.adapter() + "\": not loaded (expected: none)");
    }
    return engine.submit(files.stopping(request));
  }

  @Override
  public EngineStatistics statistics() {
    return engine.statistics();
  }

  @Override
  public long bytes() {
    return decoder.bytes();
  }

  @Override
  public void close() {
    engine.close();
    tokenizer.ifPresent(Tokenizer::close);
  }
}
