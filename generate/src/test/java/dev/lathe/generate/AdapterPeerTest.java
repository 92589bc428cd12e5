package dev.lathe.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.generate.AdapterCases.Wish;
import dev.lathe.testkit.Python;
import dev.lathe.testkit.Shared;
import dev.lathe.zoo.HuggingFace;
import dev.lathe.zoo.LowRank;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An adapter here, and the model of transformers with W + α/r · B·A as its weights. */
class AdapterPeerTest {
  private static final String SCRIPT =
      """
      import sys, json, torch
      from safetensors.torch import load_file
      from transformers import AutoModelForCausalLM
      folder, adapter = sys.argv[1:3]
      model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
      config = json.load(open(adapter + "/adapter_config.json"))
      tensors = load_file(adapter + "/adapter_model.safetensors")
      with torch.no_grad():
          for name, down in tensors.items():
              if name.endswith(".lora_A.weight"):
                  layer = name[len("base_model.model."):-len(".lora_A.weight")]
                  up = tensors[name.replace("lora_A", "lora_B")]
                  delta = (up.double() @ down.double()) * (config["lora_alpha"] / config["r"])
                  weight = model.get_submodule(layer).weight
                  turned = type(model.get_submodule(layer)).__name__ == "Conv1D"
                  weight.copy_((weight.double() + (delta.T if turned else delta)).float())
          ids = torch.tensor([[(7 * i + 3) % 300 for i in range(30)]])
          logits = torch.log_softmax(model(ids).logits[0].double(), -1)
          told = [logits[i, ids[0, i + 1]].item() for i in range(29)]
          for _ in range(20):
              last = torch.log_softmax(model(ids).logits[0, -1].double(), -1)
              ids = torch.cat([ids, last.argmax().view(1, 1)], 1)
              told.append(last.max().item())
      print("TOKENS", *ids[0, 30:].tolist())
      print("TOLD", *told)
      """;

  @TempDir private Path own;

  @ParameterizedTest
  @ValueSource(strings = {"llama", "gpt2", "gemma3"})
  void logitsAndTokens_areThoseOfTheMergedModel(String name) throws IOException {
    String python = Python.with("torch", "transformers", "safetensors");
    Path folder = Shared.path("fixtures/hf/" + name);
    HuggingFace read = HuggingFace.read(folder);
    Path base = AdapterCases.base(read, own.resolve("base"));
    Path adapted = own.resolve("adapter");
    Wish wish = new Wish(5, 7, 10, layer -> !layer.contains("embed") && !layer.equals("lm_head"));
    LowRank adapter = AdapterCases.peft(read.model(), wish, adapted);
    String printed = Python.run(python, SCRIPT, folder, adapted);
    List<Float> expected = line(printed, "TOLD").map(Float::parseFloat).toList();
    List<Integer> tokens = line(printed, "TOKENS").map(Integer::parseInt).toList();
    int[] prompt = new int[30];
    Arrays.setAll(prompt, i -> (7 * i + 3) % 300);
    GenerateRequest request =
        GenerateRequest.of(prompt, Ending.after(20).ignoringEndTokens())
            .with(Probabilities.ofAnswer(0).withPrompt(0));
    List<Float> told = new ArrayList<>();
    List<Integer> found = new ArrayList<>();
    try (TextModel model = TextModel.open(base, TextOptions.of(2, 80).withThreads(1));
        TextModel one = model.adapted("one", adapter, () -> {});
        TextStream stream = one.generate(request)) {
      for (Optional<GenerateEvent> event = stream.next();
          event.isPresent();
          event = stream.next()) {
        switch (event.get()) {
          case GenerateEvent.PromptScored scored ->
              scored.tokens().forEach(token -> told.add(token.logprob()));
          case GenerateEvent.Token token -> {
            found.add(token.token());
            told.add(token.scored().orElseThrow().logprob());
          }
          case GenerateEvent.Finished _, GenerateEvent.Completed _ -> {}
        }
      }
    }
    told.removeIf(logprob -> Float.isNaN(logprob));
    assertThat(found).isEqualTo(tokens);
    assertThat(told).hasSameSizeAs(expected);
    for (int i = 0; i < told.size(); i++) {
      assertThat(told.get(i)).as("%d", i).isCloseTo(expected.get(i), within(1e-4f));
    }
  }

  private static Stream<String> line(String printed, String begins) {
    return printed
        .lines()
        .filter(line -> line.startsWith(begins + " "))
        .flatMap(line -> Arrays.stream(line.substring(begins.length() + 1).split(" ")));
  }
}
