package dev.lathe.server.tasks;

import dev.lathe.generate.SequenceModel;
import dev.lathe.ir.Tensor;
import dev.lathe.prepare.Encoded;
import dev.lathe.prepare.Specials;
import dev.lathe.registry.Deployment;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.TensorSpec;
import dev.lathe.registry.VersionInfo;
import dev.lathe.serve.Choice;
import dev.lathe.serve.ModelVersion;
import dev.lathe.server.AnswerRequest;
import dev.lathe.server.Answered;
import dev.lathe.server.Classified;
import dev.lathe.server.ClassifyRequest;
import dev.lathe.server.EmbedRequest;
import dev.lathe.server.Embedded;
import dev.lathe.server.RerankRequest;
import dev.lathe.server.Reranked;
import dev.lathe.server.Texts;
import dev.lathe.server.TokenTexts;
import dev.lathe.server.TranslateRequest;
import dev.lathe.server.Translated;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The verbs about texts over released versions. Models run as any does, and share runs with other
 * callers; tokenizers are kept open here, a few of them.
 */
public final class TextTasks implements Texts, TokenTexts, AutoCloseable {
  private static final int TOKENIZERS = 16;

  private final Registry registry;
  private final Runs runs;
  private final Kept<String, TaskModel> models = new Kept<>(TOKENIZERS, TaskModel::close);

  /**
   * The verbs over a registry.
   *
   * @param registry where versions are; stays the caller's
   * @param runs runs them
   */
  public TextTasks(Registry registry, Runs runs) {
    this.registry = registry;
    this.runs = runs;
  }

  @Override
  public Translated translate(String model, TranslateRequest request) {
    return asked(model, request.version(), task -> written(task, request));
  }

  private Translated written(TaskModel task, TranslateRequest request) {
    VersionInfo version = task.version();
    List<String> inputs =
        version.metadata().signature().inputs().stream().map(TensorSpec::name).toList();
    if (!SequenceModel.takes(inputs)) {
      throw task.isNo("a model of an encoder and a decoder, with an input decoder_input_ids");
    }
    return runs.write(
        version.model(),
        version.version(),
        (writer, sitting) -> new Translating(task, writer, request).translated(sitting));
  }

  @Override
  public Answered answer(String model, AnswerRequest request) {
    return judged(
        model,
        request.version(),
        chosen ->
            WrittenAnswer.canBe(chosen.metadata())
                ? new WrittenAnswer(chosen, request).answer(runs)
                : asked(chosen, task -> new SpanFinder(task, request).answer(runs)));
  }

  @Override
  public Classified classify(String model, ClassifyRequest request) {
    return asked(
        model,
        request.version(),
        task -> {
          Classifying classifying = new Classifying(task, request, runs);
          List<Classified.Row> rows =
              task.version().metadata().pipeline().isEmpty()
                  ? classifying.rows()
                  : classifying.ofPipeline(piped(task, request));
          return new Classified(task.version().model().toString(), task.version().version(), rows);
        });
  }

  private Map<String, Tensor> piped(TaskModel task, ClassifyRequest request) {
    Bounds.requireTexts("texts", request.texts());
    if (request.pairs().isPresent() || request.labels().isPresent()) {
      throw task.isNo("a model without steps of its own, for pairs or other labels");
    }
    Tensor texts = Tensor.ofStrings(request.texts(), request.texts().size());
    return runs.run(task.version().model(), task.version().version(), Map.of("text", texts));
  }

  @Override
  public Reranked rerank(String model, RerankRequest request) {
    return asked(model, request.version(), task -> new Reranking(task, request, runs).results());
  }

  @Override
  public Embedded embed(String model, EmbedRequest request) {
    return asked(model, request.version(), task -> embedded(task, request, request.texts()));
  }

  @Override
  public Embedded embed(String model, List<int[]> tokens, EmbedRequest how) {
    return asked(model, how.version(), task -> embedded(task, how, spoken(task, tokens)));
  }

  /** Tokens as the texts that they are of, by the tokenizer of the version that reads them. */
  private static List<String> spoken(TaskModel task, List<int[]> tokens) {
    int words = task.tokenizer().vocabulary().size();
    List<String> spoken = new ArrayList<>();
    for (int i = 0; i < tokens.size(); i++) {
      int[] each = tokens.get(i);
      Bounds.requireTokens("text " + i, each.length, task.longest());
      for (int token : each) {
        if (token < 0 || token >= words) {
          throw Bounds.bad(
              "text " + i + ": token " + token + " (expected: 0 to " + (words - 1) + ")");
        }
      }
      spoken.add(task.tokenizer().decode(each, Specials.WITHOUT));
    }
    return spoken;
  }

  private Embedded embedded(TaskModel task, EmbedRequest request, List<String> given) {
    Bounds.requireTexts("texts", given);
    Embedding how = Embedding.of(task, request.pooling(), request.normalize());
    List<Encoded> texts = new ArrayList<>();
    for (int i = 0; i < given.size(); i++) {
      texts.add(task.requireFit(task.encode(given.get(i)), "text " + i));
    }
    List<double[]> vectors = how.vectors(task, runs, texts);
    int all = vectors.getFirst().length;
    int kept = Bounds.number("dimensions", request.dimensions(), all, all);
    float[] numbers = new float[Math.multiplyExact(vectors.size(), kept)];
    for (int i = 0; i < vectors.size(); i++) {
      double[] vector = how.finished(vectors.get(i), kept);
      for (int d = 0; d < kept; d++) {
        numbers[i * kept + d] = (float) vector[d];
      }
    }
    return new Embedded(
        task.version().model().toString(),
        task.version().version(),
        Tensor.ofFloats(numbers, vectors.size(), kept),
        texts.stream().mapToInt(Encoded::length).sum());
  }

  private <T> T asked(String model, Optional<String> version, Function<TaskModel, T> work) {
    return judged(model, version, chosen -> asked(chosen, work));
  }

  /** Who names no version is answered by what is live, or by what is on trial beside it. */
  private <T> T judged(String model, Optional<String> version, Function<VersionInfo, T> work) {
    ModelName name = ModelName.parse(model);
    Optional<String> wanted = version.filter(text -> !text.isEmpty());
    Optional<Choice> choice = wanted.isPresent() ? Optional.empty() : runs.choose(name);
    VersionInfo chosen =
        registry.show(
            name, choice.map(Choice::version).or(() -> wanted).orElseGet(() -> usual(name)));
    runs.answering(new ModelVersion(name, chosen.version()));
    return choice.isPresent()
        ? choice.get().judged(asked -> work.apply(registry.show(name, asked)))
        : work.apply(chosen);
  }

  private <T> T asked(VersionInfo chosen, Function<TaskModel, T> work) {
    ModelName name = chosen.model();
    String key = name + "@" + chosen.version();
    try (var task =
        models.hold(
            key, () -> TaskModel.open(chosen, registry.materialize(name, chosen.version())))) {
      return work.apply(task.value());
    }
  }

  private String usual(ModelName model) {
    return registry.deployment(model, runs.environment()).map(Deployment::live).orElse("latest");
  }

  /** Closes what nobody uses, and the rest as soon as nobody does. */
  @Override
  public void close() {
    models.close();
  }
}
