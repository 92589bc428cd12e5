package dev.lathe.generate;

import dev.lathe.generate.deploy.DeployForms;
import dev.lathe.generate.deploy.DeployedDecoder;
import dev.lathe.generate.deploy.Load;
import dev.lathe.generate.engine.AdapterRack;
import dev.lathe.generate.engine.Engine;
import dev.lathe.generate.engine.SessionDecoder;
import dev.lathe.generate.engine.Voice;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.prepare.ChatTemplate;
import dev.lathe.prepare.Detokenizer;
import dev.lathe.prepare.Specials;
import dev.lathe.prepare.Tokenizer;
import dev.lathe.runtime.Cpu;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.transform.AdapterSlots;
import dev.lathe.transform.CachedDecoder;
import dev.lathe.transform.WeightForm;
import dev.lathe.zoo.LowRank;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A text model from a version's files: an engine over its decoder, and its tokenizer. */
final class FolderModel implements TextModel {
  private static final long MOST_FORMS = 64L << 30;
  private static final double PROMPT_SHARE = 0.5;

  private final Engine engine;
  private final SessionDecoder decoder;
  private final WeightForm weights;
  private final AdapterRack adapters;
  private final GenerationFiles files;
  private final Optional<Tokenizer> tokenizer;
  private final Optional<ChatTemplate> template;
  private @Nullable Constraints constraints;

  /** What is read beside the decoder. */
  private record Beside(
      GenerationFiles files, Optional<Tokenizer> tokenizer, Optional<ChatTemplate> template) {}

  /** A decoder, the graph that it runs, and how its weights are held. */
  private record Made(SessionDecoder decoder, Model form, WeightForm weights) {}

  private FolderModel(Made made, AdapterRack adapters, Beside beside, TextOptions options) {
    this.decoder = made.decoder();
    this.weights = made.weights();
    this.adapters = adapters;
    this.files = beside.files();
    this.tokenizer = beside.tokenizer();
    this.template = beside.template();
    Supplier<Voice> voice =
        tokenizer.<Supplier<Voice>>map(found -> () -> Spoken.of(found)).orElse(() -> Silent.VOICE);
    this.engine =
        new Engine(
            made.decoder(),
            new Engine.Setting(
                "lathe-generate", options.chunk(), draft(options), options.waiting(), files.ends()),
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
      // Once, to see that the tokenizer's decoder works token by token: later it is too late.
      tokenizer.ifPresent(Spoken::of);
      Made made = decoder(file, files, options);
      AdapterRack adapters =
          new AdapterRack(
              made.decoder(),
              () -> sites(file, options),
              sites -> Session.open(AdapterSlots.insert(made.form(), sites), threads(options)),
              options.adapters());
      FolderModel model =
          new FolderModel(made, adapters, new Beside(files, tokenizer, template), options);
      open = true;
      return model;
    } finally {
      if (!open) {
        tokenizer.ifPresent(Tokenizer::close);
      }
    }
  }

  private static SessionOptions threads(TextOptions options) {
    return new SessionOptions(options.threads(), SessionOptions.Memory.RETURNED);
  }

  /** Read anew, since the weights' own names are those of the released form alone. */
  static Map<String, AdapterSlots.Site> sites(Path file, TextOptions options) {
    return AdapterSlots.sites(CachedDecoder.of(OnnxFile.read(file), longest(options)).model());
  }

  private static Made decoder(Path file, GenerationFiles files, TextOptions options) {
    SessionOptions threads = threads(options);
    if (options.weights().folder().isEmpty()) {
      CachedDecoder form = CachedDecoder.of(OnnxFile.read(file), longest(options));
      files.requireWithin((int) form.vocabulary());
      Session session = Session.open(form.model(), threads);
      return new Made(over(session, form, options), form.model(), WeightForm.FLOAT32);
    }
    DeployedDecoder deployed = deployed(file, options, options.weights().folder().get());
    files.requireWithin((int) deployed.decoder().vocabulary());
    CachedDecoder form = deployed.decoder();
    SessionDecoder decoder = over(Session.open(deployed.file(), threads), form, options);
    return new Made(decoder, form.model(), deployed.weights());
  }

  /**
   * Several tokens of a row at once are computed by another kernel than one. Their scores differ in
   * the last bit of a float, which rounding to bytes makes a difference of: with rounded weights
   * nothing is guessed, so that answers do not depend on what else runs.
   */
  private static int draft(TextOptions options) {
    boolean exact = options.weights().form().equals(Optional.of(WeightForm.FLOAT32));
    return exact ? options.draft() : 0;
  }

  private static DeployedDecoder deployed(Path file, TextOptions options, Path folder) {
    DeployForms forms = new DeployForms(folder, MOST_FORMS, Clock.systemUTC());
    Optional<WeightForm> form = options.weights().form();
    long longest = longest(options);
    if (form.isPresent()) {
      if (form.get() == WeightForm.W8A8 && !Cpu.current().multipliesBytesExactly()) {
        throw new LatheException(
            GenerateError.BAD_OPTION,
            "weights: W8A8 (expected: another form: this processor multiplies bytes with"
                + " saturation)");
      }
      return forms.take(file, form.get(), longest);
    }
    Load load = new Load(streams(file, options), PROMPT_SHARE, longest);
    return forms.take(file, load, options.threads());
  }

  /** Texts that may grow at the same time. */
  private static int streams(Path file, TextOptions options) {
    CachedDecoder plain = CachedDecoder.of(OnnxFile.read(file), longest(options));
    return options.arenas(plain.context(), plain.bytesPerToken()).stream()
        .mapToInt(TextOptions.Arena::slots)
        .sum();
  }

  /** Tokens of a text at most, where that is said: some decoders turn longer texts otherwise. */
  private static long longest(TextOptions options) {
    return options.longest().orElse(Long.MAX_VALUE);
  }

  private static SessionDecoder over(Session session, CachedDecoder form, TextOptions options) {
    try {
      List<TextOptions.Arena> arenas = options.arenas(form.context(), form.bytesPerToken());
      return new SessionDecoder(
          session, form, new SessionDecoder.Size(arenas, options.prefixBytes(), options.chunk()));
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
    return files.ends().tokens();
  }

  @Override
  public Sampling sampling() {
    return files.sampling();
  }

  @Override
  public TextStream generate(GenerateRequest request) {
    AdapterRack.Use adapter =
        request.adapter().isEmpty() ? AdapterRack.Use.NONE : adapters.take(request.adapter());
    return engine.submit(request, adapter);
  }

  @Override
  public TextModel adapted(String name, LowRank adapter, Runnable onClose) {
    String key = adapters.register(name, adapter);
    boolean ready = false;
    try {
      adapters.prepare(key);
      ready = true;
      return new AdaptedModel(
          this, adapters, new AdaptedModel.Known(key, adapter.bytes()), onClose);
    } finally {
      if (!ready) {
        adapters.forget(key);
      }
    }
  }

  @Override
  public EngineStatistics statistics() {
    return engine.statistics();
  }

  @Override
  public TextForm form() {
    return new TextForm(weights, decoder.arenas(), decoder.cacheBytes());
  }

  @Override
  public boolean failed() {
    return engine.failed();
  }

  @Override
  public long bytes() {
    return decoder.bytes();
  }

  @Override
  public void onResized(Runnable listener) {
    decoder.onResized(listener);
  }

  @Override
  public void close() {
    engine.close();
    tokenizer.ifPresent(Tokenizer::close);
  }
}
