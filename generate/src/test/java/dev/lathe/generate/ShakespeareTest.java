package dev.lathe.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lathe.ir.Tensor;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.onnx.Safetensors;
import dev.lathe.prepare.Specials;
import dev.lathe.runtime.Cpu;
import dev.lathe.testkit.Python;
import dev.lathe.testkit.Shared;
import dev.lathe.transform.WeightForm;
import dev.lathe.zoo.HuggingFace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A really trained model from Hugging Face's files to text: what it says, and beside others. */
class ShakespeareTest {
  private static final int CONTEXT = 256;

  @TempDir private static Path folder;
  private static Map<String, Tensor> expected;

  @BeforeAll
  static void read() throws IOException {
    Path fixture = Shared.path("fixtures/text/shakespeare-llama");
    expected = Safetensors.open(fixture.resolve("expected.safetensors")).tensors();
    write(fixture, folder);
  }

  /** A version's folder. */
  static void write(Path fixture, Path folder) throws IOException {
    HuggingFace model = HuggingFace.read(fixture);
    OnnxFile.write(model.model(), folder.resolve("model.onnx"));
    for (Path file : model.files()) {
      Files.copy(file, folder.resolve(file.getFileName()));
    }
  }

  private static TextModel open(int slots, int draft) {
    return open(slots, draft, TextOptions.Weights.RELEASED);
  }

  private static TextModel open(int slots, int draft, TextOptions.Weights weights) {
    return TextModel.open(
        folder, TextOptions.of(slots, CONTEXT).withThreads(1).withRuns(32, draft).with(weights));
  }

  private record Said(List<Integer> tokens, String text, GenerateEvent.Finished end) {}

  private static Said read(TextStream stream) {
    List<Integer> tokens = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    GenerateEvent.Finished end = null;
    for (Optional<GenerateEvent> event = stream.next(); event.isPresent(); event = stream.next()) {
      if (event.get() instanceof GenerateEvent.Token token) {
        tokens.add(token.token());
        text.append(token.text());
      } else if (event.get() instanceof GenerateEvent.Finished finished) {
        text.append(finished.text());
        end = finished;
      }
    }
    assertThat(end).isNotNull();
    return new Said(tokens, text.toString(), end);
  }

  private static int[] ints(String name) {
    return ints(expected.get(name));
  }

  private static int[] ints(Tensor tokens) {
    return Arrays.stream(tokens.toLongs()).mapToInt(Math::toIntExact).toArray();
  }

  private static List<Integer> list(int[] tokens) {
    return Arrays.stream(tokens).boxed().toList();
  }

  /** The fixture's own continuations were written with dropout on: it is asked for new ones. */
  private static final String PEER =
      """
      import sys, torch, safetensors.torch
      from transformers import AutoModelForCausalLM
      folder, out = sys.argv[1:]
      model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
      given = safetensors.torch.load_file(folder + "/expected.safetensors")
      said = {}
      for i in range(3):
          prompt = given[f"prompt{i}"]
          mask = torch.ones_like(prompt)
          all = model.generate(
              prompt, attention_mask=mask, max_new_tokens=64, do_sample=False, eos_token_id=None)
          said[f"greedy{i}"] = all[:, prompt.shape[1]:].contiguous()
      safetensors.torch.save_file(said, out)
      """;

  @Test
  void greedyContinuations_areThoseOfTransformers() {
    Path out = folder.resolve("said.safetensors");
    Python.run(
        Python.with("torch", "transformers", "safetensors"),
        PEER,
        Shared.path("fixtures/text/shakespeare-llama"),
        out);
    Map<String, Tensor> transformers = Safetensors.open(out).tensors();
    for (int draft : new int[] {0, 5}) {
      try (TextModel model = open(3, draft)) {
        List<TextStream> streams =
            Stream.of(0, 1, 2)
                .map(
                    i ->
                        GenerateRequest.of(
                            ints("prompt" + i), Ending.after(64).ignoringEndTokens()))
                .map(model::generate)
                .toList();
        for (int i = 0; i < 3; i++) {
          int[] tokens = ints(transformers.get("greedy" + i));
          Said said = read(streams.get(i));
          assertThat(said.tokens()).as("draft %d", draft).isEqualTo(list(tokens));
          assertThat(said.text())
              .isEqualTo(model.tokenizer().orElseThrow().decode(tokens, Specials.WITHOUT));
        }
      }
    }
  }

  private static GenerateRequest request(TextModel model, Random random) {
    List<String> openings =
        List.of("ROMEO:\nO, ", "First Citizen:\n", "KING HENRY:\nWhat news, my lord?\n\nYORK:\n");
    String text = openings.get(random.nextInt(3)) + "abcdefgh".substring(random.nextInt(8));
    int[] prompt = model.tokenizer().orElseThrow().encode(text, Specials.WITHOUT).ids();
    GenerateRequest request = GenerateRequest.of(prompt, Ending.after(48).ignoringEndTokens());
    return random.nextBoolean()
        ? request
        : request.with(Sampling.PLAIN.withTemperature(0.8).withSeed(random.nextLong()));
  }

  @Test
  void answers_areTheSameAloneAndInAnyMix() {
    requireIsolation(TextOptions.Weights.RELEASED);
  }

  @Test
  void answersOfBytes_areTheSameAloneAndInAnyMix(@TempDir Path forms) {
    assumeTrue(Cpu.current().multipliesBytesExactly(), "no processor for W8A8");
    requireIsolation(TextOptions.Weights.of(WeightForm.W8A8, forms));
    try (TextModel model = open(1, 0, TextOptions.Weights.of(WeightForm.INT4_BLOCK32, forms))) {
      assertThat(read(model.generate(request(model, new Random(2)))).tokens()).hasSize(48);
    }
  }

  private static void requireIsolation(TextOptions.Weights weights) {
    Random random = new Random(1);
    List<GenerateRequest> requests = new ArrayList<>();
    List<Said> alone = new ArrayList<>();
    try (TextModel model = open(1, 0, weights)) {
      for (int i = 0; i < 16; i++) {
        requests.add(request(model, random));
        alone.add(read(model.generate(requests.get(i))));
      }
    }
    for (int mix : new int[] {2, 4, 9, 16}) {
      try (TextModel model = open(mix, mix == 2 ? 4 : 0, weights)) {
        List<TextStream> streams = requests.stream().map(model::generate).toList();
        for (int i = 0; i < streams.size(); i++) {
          assertThat(read(streams.get(i))).as("%d of %d", i, mix).isEqualTo(alone.get(i));
        }
      }
    }
  }

  @Test
  void jsonSchema_isKeptByATrainedModel() {
    String schema =
        """
        {"type": "object", "properties": {"name": {"type": "string", "maxLength": 20},
         "age": {"type": "integer", "minimum": 0, "maximum": 99}},
         "required": ["name", "age"], "additionalProperties": false}
        """;
    for (int draft : new int[] {0, 4}) {
      try (TextModel model = open(4, draft)) {
        TokenConstraint start =
            Constraints.of(model.tokenizer().orElseThrow())
                .start(new Constraint.JsonSchema(schema, Constraint.Space.NONE));
        List<TextStream> streams = new ArrayList<>();
        for (int seed = 0; seed < 6; seed++) {
          streams.add(
              model.generate(
                  GenerateRequest.of(ints("prompt0"), Ending.after(100))
                      .with(Sampling.PLAIN.withSeed(seed))
                      .with(start)));
        }
        for (TextStream stream : streams) {
          Said said = read(stream);
          assertThat(said.end().reason()).isEqualTo(FinishReason.STOP);
          assertThat(said.text())
              .matches("(?s)\\{\"name\":\"(\\\\.|[^\"\\\\])*\",\"age\":\\d{1,2}\\}");
        }
      }
    }
  }

  @Test
  void stop_endsTheTextInTheMiddleOfAToken() {
    try (TextModel model = open(2, 0)) {
      int[] prompt = ints("prompt0");
      String whole = read(model.generate(GenerateRequest.of(prompt, Ending.after(64)))).text();
      String stop = whole.substring(41, 44);
      Said said =
          read(
              model.generate(
                  GenerateRequest.of(prompt, Ending.after(64).withStops(List.of(stop)))));
      assertThat(said.text()).isEqualTo(whole.substring(0, whole.indexOf(stop)));
      assertThat(said.end().reason()).isEqualTo(FinishReason.STOP);
      assertThat(said.end().stop()).isEqualTo(stop);
    }
  }

  @Test
  void randomModelOfHuggingFace_saysWhatTransformersSays(@TempDir Path random) throws IOException {
    Path fixture = Shared.path("fixtures/hf/llama");
    write(fixture, random);
    Map<String, Tensor> said = Safetensors.open(fixture.resolve("expected.safetensors")).tensors();
    int[] prompt = ints(said.get("greedy_prompt"));
    try (TextModel model = TextModel.open(random, TextOptions.of(2, 64).withThreads(1))) {
      Said found =
          read(model.generate(GenerateRequest.of(prompt, Ending.after(24).ignoringEndTokens())));
      assertThat(found.tokens()).isEqualTo(list(ints(said.get("greedy_tokens"))));
    }
  }
}
