package dev.lathe.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lathe.generate.AdapterCases.Wish;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.onnx.Safetensors;
import dev.lathe.runtime.Cpu;
import dev.lathe.testkit.Shared;
import dev.lathe.transform.AdapterOptions;
import dev.lathe.transform.AdapterWeights;
import dev.lathe.transform.InsertAdapters;
import dev.lathe.transform.MergeAdapters;
import dev.lathe.transform.WeightForm;
import dev.lathe.zoo.Gpt;
import dev.lathe.zoo.HuggingFace;
import dev.lathe.zoo.Llama;
import dev.lathe.zoo.LowRank;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Low-rank adapters beside a decoder: each row of a step has its own. */
class AdapterTest {
  private static final String[] ATTENTION = {"q_proj", "v_proj"};
  private static final String[] FEED = {"gate_proj", "down_proj", "o_proj", "k_proj"};

  @TempDir private Path own;

  private HuggingFace read(String name) {
    return HuggingFace.read(Shared.path("fixtures/hf/" + name));
  }

  private static TextOptions options() {
    return TextOptions.of(8, 96).withThreads(1);
  }

  private static GenerateRequest request(long seed, int tokens) {
    Random random = new Random(seed);
    int[] prompt =
        IntStream.range(0, random.nextInt(2, 40)).map(_ -> random.nextInt(3, 400)).toArray();
    return GenerateRequest.of(prompt, Ending.after(tokens).ignoringEndTokens());
  }

  private static List<Float> told(TextModel model, GenerateRequest request) {
    List<Float> told = new ArrayList<>();
    Probabilities asked = Probabilities.ofAnswer(3).withPrompt(3);
    try (TextStream stream = model.generate(request.with(asked))) {
      for (Optional<GenerateEvent> event = stream.next();
          event.isPresent();
          event = stream.next()) {
        switch (event.get()) {
          case GenerateEvent.PromptScored scored ->
              scored.tokens().forEach(one -> told.add(one.logprob()));
          case GenerateEvent.Token token -> told.add(token.scored().orElseThrow().logprob());
          case GenerateEvent.Finished _, GenerateEvent.Completed _ -> {}
        }
      }
    }
    told.removeIf(logprob -> Float.isNaN(logprob)); // nothing comes before a first token
    return told;
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2", "qwen3", "gpt2", "phi3", "gemma2", "mistral"})
  void adapter_answersAsTheMergedModel(String name) throws IOException {
    HuggingFace read = read(name);
    Path base = AdapterCases.base(read, own.resolve("base"));
    LowRank adapter =
        AdapterCases.peft(read.model(), new Wish(1, 6, 9, _ -> true), own.resolve("adapter"));
    Path merged = Files.createDirectories(own.resolve("merged"));
    OnnxFile.write(AdapterCases.merged(read.model(), adapter), merged.resolve("model.onnx"));
    try (TextModel expected = TextModel.open(merged, options());
        TextModel model = TextModel.open(base, options());
        TextModel adapted = model.adapted("org/adapter", adapter, () -> {})) {
      assertThat(adapted.bytes()).isPositive();
      for (int seed = 0; seed < 4; seed++) {
        GenerateRequest request = request(seed, 24);
        List<Float> told = told(expected, request);
        List<Float> found = told(adapted, request);
        assertThat(found).hasSameSizeAs(told);
        assertThat(apart(told(model, request), told)).isGreaterThan(0.1);
        for (int i = 0; i < told.size(); i++) {
          assertThat(found.get(i)).as("%d of %d", i, seed).isCloseTo(told.get(i), within(1e-4f));
        }
        assertThat(AdapterCases.tokens(adapted.generate(request)))
            .isEqualTo(AdapterCases.tokens(expected.generate(request)));
      }
    }
  }

  @Test
  void adaptersOfARunHere_answerAsTheirMergedModel() throws IOException {
    Gpt gpt = new Gpt(96, 128, 64, 2, 4, 0, Gpt.Head.OWN);
    Model base = gpt.build(3);
    Path folder = Files.createDirectories(own.resolve("base"));
    OnnxFile.write(base, folder.resolve("model.onnx"));
    Model adapted =
        InsertAdapters.apply(base, new AdapterOptions(5, 15, 0, List.of("*.weight"), 7));
    Map<String, Tensor> values = new LinkedHashMap<>(adapted.graph().initializers());
    Random random = new Random(5);
    InsertAdapters.parameters(adapted)
        .forEach(name -> values.computeIfPresent(name, (_, t) -> drawn(random, t.dims())));
    Model trained = adapted.withGraph(adapted.graph().withInitializers(values));
    Path lora = Files.createDirectories(own.resolve("lora"));
    Safetensors.write(
        lora.resolve("adapters.safetensors"),
        AdapterWeights.of(trained).tensors(),
        Map.of("r", "5", "lora_alpha", "15.0"));
    Path merged = Files.createDirectories(own.resolve("merged"));
    OnnxFile.write(MergeAdapters.apply(trained), merged.resolve("model.onnx"));
    GenerateRequest request = GenerateRequest.of(new int[] {5, 9, 2, 40}, Ending.after(30));
    try (TextModel expected = TextModel.open(merged, options());
        TextModel model = TextModel.open(folder, options());
        TextModel one = model.adapted("org/own", lora, () -> {})) {
      List<Float> told = told(expected, request);
      List<Float> found = told(one, request);
      for (int i = 0; i < told.size(); i++) {
        assertThat(found.get(i)).as("%d", i).isCloseTo(told.get(i), within(1e-4f));
      }
      assertThat(apart(told(model, request), told)).isGreaterThan(0.01);
      assertThat(AdapterCases.tokens(one.generate(request)))
          .isEqualTo(AdapterCases.tokens(expected.generate(request)));
    }
  }

  private static Tensor drawn(Random random, long[] dims) {
    float[] values = new float[(int) Tensor.sizeOf(dims)];
    for (int i = 0; i < values.length; i++) {
      values[i] = 0.2f * (random.nextFloat() - 0.5f);
    }
    return Tensor.ofFloats(values, dims);
  }

  @Test
  void stacksBeyondTheEnginesTensors_areRefusedAndTheOthersLive() throws IOException {
    Llama.Size size = new Llama.Size(64, 96, 2, 4, 2);
    Model llama = new Llama(1024, 128, size, Llama.Constants.STANDARD, Gpt.Head.OWN).build(1);
    Path base = Files.createDirectories(own.resolve("base"));
    OnnxFile.write(llama, base.resolve("model.onnx"));
    LowRank small = AdapterCases.peft(llama, Wish.of(1, 4, ATTENTION), own.resolve("small"));
    LowRank wide = AdapterCases.peft(llama, Wish.of(2, 512, "lm_head"), own.resolve("wide"));
    int most = 1024; // 1025 places of 512 × 1024 numbers are just beyond
    try (TextModel model = TextModel.open(base, options().withAdapters(most));
        TextModel a = model.adapted("a", small, () -> {})) {
      List<Integer> before = AdapterCases.tokens(a.generate(request(3, 20)));
      assertThatThrownBy(() -> model.adapted("wide", wide, () -> {}))
          .hasMessageContaining("rank 512 take")
          .isInstanceOfSatisfying(
              LatheException.class, e -> assertThat(e.code()).isEqualTo(GenerateError.BAD_ADAPTER));
      assertThat(AdapterCases.tokens(a.generate(request(3, 20)))).isEqualTo(before);
    }
  }

  private static double apart(List<Float> some, List<Float> others) {
    return IntStream.range(0, others.size())
        .mapToDouble(i -> Math.abs(some.get(i) - others.get(i)))
        .average()
        .orElseThrow();
  }

  @ParameterizedTest
  @EnumSource(WeightForm.class)
  void everyForm_takesAdapters(WeightForm form) throws IOException {
    assumeTrue(
        form != WeightForm.W8A8 || Cpu.current().multipliesBytesExactly(), "no processor for W8A8");
    HuggingFace read = read("llama");
    Path base = AdapterCases.base(read, own.resolve("base"));
    LowRank adapter = adapter(read, new Wish(3, 16, 5, _ -> true));
    List<Float> exact;
    try (TextModel model = TextModel.open(base, options());
        TextModel adapted = model.adapted("a", adapter, () -> {})) {
      exact = told(adapted, request(1, 1));
    }
    try (TextModel model = TextModel.open(base, with(form))) {
      List<Float> before = told(model, request(1, 1));
      try (TextModel adapted = model.adapted("a", adapter, () -> {})) {
        assertThat(told(model, request(1, 1))).isEqualTo(before);
        double with = apart(told(adapted, request(1, 1)), exact);
        assertThat(with).isLessThan(apart(before, exact) / 2);
      }
    }
  }

  private TextOptions with(WeightForm form) {
    return form == WeightForm.FLOAT32
        ? options()
        : options().with(TextOptions.Weights.of(form, own.resolve("forms")));
  }

  private Map<String, LowRank> three(HuggingFace read) {
    Map<String, LowRank> adapters = new LinkedHashMap<>();
    adapters.put("a", adapter(read, Wish.of(1, 4, ATTENTION)));
    adapters.put("b", adapter(read, Wish.of(2, 24, FEED)));
    adapters.put("c", adapter(read, new Wish(3, 16, 5, _ -> true)));
    return adapters;
  }

  private LowRank adapter(HuggingFace read, Wish wish) {
    return AdapterCases.peft(read.model(), wish, own.resolve("adapter" + wish.seed()));
  }

  @ParameterizedTest
  @EnumSource(
      value = WeightForm.class,
      names = {"FLOAT32", "W8A8"})
  void mixOfAdapters_answersAsEachAlone(WeightForm form) throws IOException {
    assumeTrue(
        form != WeightForm.W8A8 || Cpu.current().multipliesBytesExactly(), "no processor for W8A8");
    HuggingFace read = read("llama");
    Path base = AdapterCases.base(read, own.resolve("base"));
    Map<String, LowRank> adapters = three(read);
    List<String> asked = List.of("", "a", "b", "c", "a", "", "c", "b");
    List<List<Integer>> alone = new ArrayList<>();
    for (int i = 0; i < asked.size(); i++) {
      LowRank adapter = adapters.get(asked.get(i));
      try (TextModel model = TextModel.open(base, with(form))) {
        TextModel one = adapter == null ? model : model.adapted("one", adapter, () -> {});
        alone.add(AdapterCases.tokens(one.generate(request(i, 40))));
      }
    }
    assertThat(alone.stream().distinct()).hasSize(asked.size());
    try (TextModel model = TextModel.open(base, with(form))) {
      Map<String, TextModel> models = new LinkedHashMap<>();
      models.put("", model);
      adapters.forEach((name, adapter) -> models.put(name, model.adapted(name, adapter, () -> {})));
      for (int round = 0; round < 2; round++) {
        List<TextStream> streams = new ArrayList<>();
        for (int i = 0; i < asked.size(); i++) {
          streams.add(models.get(asked.get(i)).generate(request(i, 40)));
        }
        for (int i = 0; i < asked.size(); i++) {
          assertThat(AdapterCases.tokens(streams.get(i))).as("%d", i).isEqualTo(alone.get(i));
        }
      }
      assertThat(model.statistics().totals().requests()).isEqualTo(2L * asked.size());
    }
  }

  @Test
  void beginnings_areSharedByThoseWithOneAdapterAlone() throws IOException {
    HuggingFace read = read("llama");
    Path base = AdapterCases.base(read, own.resolve("base"));
    Map<String, LowRank> adapters = three(read);
    GenerateRequest request = GenerateRequest.of(IntStream.range(5, 45).toArray(), Ending.after(1));
    try (TextModel model = TextModel.open(base, options());
        TextModel a = model.adapted("a", adapters.get("a"), () -> {});
        TextModel b = model.adapted("b", adapters.get("b"), () -> {})) {
      AdapterCases.tokens(model.generate(request));
      AdapterCases.tokens(a.generate(request));
      AdapterCases.tokens(b.generate(request));
      assertThat(model.statistics().totals().cachedTokens()).isZero();
      AdapterCases.tokens(a.generate(request));
      assertThat(model.statistics().totals().cachedTokens()).isEqualTo(39);
    }
  }

  @Test
  void moreAdaptersThanRoom_takeTurns() throws IOException {
    HuggingFace read = read("llama");
    Path base = AdapterCases.base(read, own.resolve("base"));
    Map<String, LowRank> adapters = three(read);
    try (TextModel model = TextModel.open(base, options().withAdapters(1));
        TextModel a = model.adapted("a", adapters.get("a"), () -> {});
        TextModel b = model.adapted("b", adapters.get("b"), () -> {})) {
      GenerateRequest request = request(1, 10);
      List<Integer> ofA = AdapterCases.tokens(a.generate(request));
      List<Integer> ofB = AdapterCases.tokens(b.generate(request));
      try (TextStream long1 = a.generate(request(2, 1 << 20))) {
        assertThatThrownBy(() -> b.generate(request))
            .isInstanceOfSatisfying(
                LatheException.class,
                e -> assertThat(e.code()).isEqualTo(GenerateError.ADAPTERS_BUSY))
            .hasMessageContaining("adapter \"b\": answers use 1 others");
        assertThat(long1.next()).isPresent();
      }
      assertThat(eventually(b, request)).isEqualTo(ofB);
      assertThat(eventually(a, request)).isEqualTo(ofA);
    }
    try (TextModel model = TextModel.open(base, options().withAdapters(0))) {
      assertThatThrownBy(() -> model.adapted("a", adapters.get("a"), () -> {}))
          .hasMessageContaining("adapters are switched off");
    }
  }

  /** A stream that was given up ends at the engine's next step. */
  private static List<Integer> eventually(TextModel model, GenerateRequest request) {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (true) {
      try {
        return AdapterCases.tokens(model.generate(request));
      } catch (LatheException e) {
        assertThat(e.code()).isEqualTo(GenerateError.ADAPTERS_BUSY);
        assertThat(System.nanoTime() - end).as("still busy").isNegative();
        Thread.yield();
      }
    }
  }

  @Test
  void requestThatIsRefused_leavesThePlaceFree() throws IOException {
    HuggingFace read = read("llama");
    Path base = AdapterCases.base(read, own.resolve("base"));
    Files.writeString(base.resolve("generation_config.json"), "{\"stop_strings\": [\"one more\"]}");
    Map<String, LowRank> adapters = three(read);
    List<String> stops = IntStream.range(0, 64).mapToObj(i -> "no such text " + i).toList();
    int[] prompt = {5, 6, 7};
    try (TextModel model = TextModel.open(base, options().withAdapters(1));
        TextModel a = model.adapted("a", adapters.get("a"), () -> {});
        TextModel b = model.adapted("b", adapters.get("b"), () -> {})) {
      GenerateRequest full = GenerateRequest.of(prompt, Ending.after(3).withStops(stops));
      assertThat(AdapterCases.tokens(a.generate(full))).isNotEmpty();
      assertThat(eventually(b, full)).isNotEmpty();
      for (int token : new int[] {-1, 1 << 20}) {
        GenerateRequest bad = GenerateRequest.of(new int[] {token}, Ending.after(3));
        assertThatThrownBy(() -> a.generate(bad)).hasMessageContaining("prompt: token 0");
      }
      assertThat(b.generate(full).next()).isPresent();
    }
  }

  @Test
  void memory_isThatOfWhatIsThereThoughNobodyAsks() throws IOException {
    HuggingFace read = read("llama");
    Path base = AdapterCases.base(read, own.resolve("base"));
    LowRank small = adapter(read, Wish.of(1, 4, ATTENTION));
    LowRank wide = adapter(read, Wish.of(2, 40, ATTENTION));
    long perRank =
        small.layers().values().stream()
            .mapToLong(one -> one.down().dim(1) + one.up().dim(0))
            .sum();
    List<Long> told = Collections.synchronizedList(new ArrayList<>());
    try (TextModel model = TextModel.open(base, options().withAdapters(3))) {
      long plain = model.bytes();
      model.onResized(() -> told.add(model.bytes() - plain));
      TextModel a = model.adapted("a", small, () -> {});
      becomes(model, plain + perRank * 16 * Float.BYTES);
      assertThat(Collections.max(told))
          .as("a second session")
          .isGreaterThan(perRank * 16 * Float.BYTES);
      TextModel b = model.adapted("b", wide, () -> {});
      becomes(model, plain + 2 * perRank * 48 * Float.BYTES);
      b.close();
      a.close();
      becomes(model, plain);
      long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
      while (told.getLast() != 0 && System.nanoTime() < end) {
        Thread.yield();
      }
      assertThat(told.getLast()).isZero();
      TextModel again = model.adapted("a", small, () -> {});
      becomes(model, plain + perRank * 16 * Float.BYTES);
      TextStream running = again.generate(request(1, 1 << 20));
      assertThat(running.next()).isPresent();
      again.close();
      running.close();
      becomes(model, plain);
      assertThat(model.failed()).isFalse();
    }
  }

  private static void becomes(TextModel model, long bytes) {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (model.bytes() != bytes && System.nanoTime() < end) {
      Thread.yield();
    }
    assertThat(model.bytes()).isEqualTo(bytes);
  }

  @Test
  void adapterForgottenInUse_finishesItsAnswersAndMakesRoom() throws IOException {
    HuggingFace read = read("llama");
    Path base = AdapterCases.base(read, own.resolve("base"));
    Map<String, LowRank> adapters = three(read);
    List<String> closed = Collections.synchronizedList(new ArrayList<>());
    try (TextModel model = TextModel.open(base, options().withAdapters(1))) {
      TextModel a = model.adapted("a", adapters.get("a"), () -> closed.add("a"));
      List<Integer> expected = AdapterCases.tokens(a.generate(request(1, 50)));
      TextStream running = a.generate(request(1, 50));
      a.close();
      assertThat(closed).containsExactly("a");
      assertThatThrownBy(() -> a.generate(request(1, 5)))
          .isInstanceOfSatisfying(
              LatheException.class,
              e -> assertThat(e.code()).isEqualTo(GenerateError.UNKNOWN_ADAPTER));
      TextModel b = model.adapted("b", adapters.get("b"), () -> {});
      assertThat(AdapterCases.tokens(running)).isEqualTo(expected);
      assertThat(eventually(b, request(1, 50))).isNotEqualTo(expected).hasSize(50);
    }
  }

  @Test
  void adapterOfAnotherModel_isRefusedAndTheOthersLive() throws IOException {
    HuggingFace read = read("llama");
    Path base = AdapterCases.base(read, own.resolve("base"));
    LowRank mine = adapter(read, Wish.of(1, 4, ATTENTION));
    LowRank other =
        AdapterCases.peft(read("gpt2").model(), new Wish(9, 4, 4, _ -> true), own.resolve("gpt2"));
    LowRank.Factors wrong =
        new LowRank.Factors(
            mine.layers().values().iterator().next().up(),
            mine.layers().values().iterator().next().down(),
            1);
    LowRank turned =
        new LowRank("", Map.of(mine.layers().keySet().iterator().next(), wrong), List.of());
    try (TextModel model = TextModel.open(base, options());
        TextModel a = model.adapted("a", mine, () -> {})) {
      List<Integer> before = AdapterCases.tokens(a.generate(request(3, 20)));
      TextStream running = a.generate(request(3, 20));
      assertThatThrownBy(() -> model.adapted("x", other, () -> {}))
          .isInstanceOfSatisfying(
              LatheException.class, e -> assertThat(e.code()).isEqualTo(GenerateError.BAD_ADAPTER))
          .hasMessageContaining("layer \"transformer.h.0.attn.c_attn\": the model has none");
      assertThatThrownBy(() -> model.adapted("y", turned, () -> {}))
          .hasMessageContaining("layer \"model.layers.0.self_attn.")
          .hasMessageContaining("expected: [");
      assertThat(AdapterCases.tokens(running)).isEqualTo(before);
      assertThat(AdapterCases.tokens(a.generate(request(3, 20)))).isEqualTo(before);
    }
  }

  @Test
  void storm_ofAdaptersThatComeAndGo_keepsAnswers() throws Exception {
    HuggingFace read = read("llama");
    Path base = AdapterCases.base(read, own.resolve("base"));
    List<LowRank> adapters = new ArrayList<>(three(read).values());
    adapters.add(adapter(read, Wish.of(4, 40, "up_proj")));
    List<List<Integer>> alone = new ArrayList<>();
    for (LowRank adapter : adapters) {
      try (TextModel model = TextModel.open(base, options());
          TextModel one = model.adapted("one", adapter, () -> {})) {
        alone.add(AdapterCases.tokens(one.generate(request(7, 30))));
      }
    }
    try (TextModel model = TextModel.open(base, options().withAdapters(2))) {
      List<Integer> plain = AdapterCases.tokens(model.generate(request(7, 30)));
      List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 6; t++) {
        int which = t % (adapters.size() + 1);
        threads.add(
            Thread.ofVirtual()
                .uncaughtExceptionHandler((_, e) -> failures.add(e))
                .start(
                    () -> {
                      for (int i = 0; i < 8; i++) {
                        if (which == adapters.size()) {
                          assertThat(AdapterCases.tokens(model.generate(request(7, 30))))
                              .isEqualTo(plain);
                        } else {
                          try (TextModel one =
                              model.adapted("one", adapters.get(which), () -> {})) {
                            assertThat(eventually(one, request(7, 30))).isEqualTo(alone.get(which));
                          }
                        }
                      }
                    }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(failures).isEmpty();
    }
  }
}
