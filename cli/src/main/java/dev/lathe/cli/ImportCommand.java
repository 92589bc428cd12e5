package dev.lathe.cli;

import dev.lathe.cli.text.Screen;
import dev.lathe.cli.text.Style;
import dev.lathe.server.Lathe;
import dev.lathe.server.VersionDetails;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a model of others a version. */
@Command(
    name = "import",
    description = {
      "Make a model of others the next version of a model.",
      "A folder as Hugging Face's libraries save it (config.json, safetensors, tokenizer), or a"
          + " GGUF file, becomes a graph with its weights; a folder as PEFT saves it, an adapter"
          + " that answers with the model it was made for. What is not understood is refused by"
          + " name; nothing is run."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lathe import smollm/ --name text/smollm",
      "  lathe import qwen2.5-0.5b-instruct-q4_k_m.gguf --name text/qwen",
      "  lathe import polite-lora/ --name text/polite --base text/smollm",
      "  lathe import hf://HuggingFaceTB/SmolLM2-135M-Instruct --name text/smollm --deploy prod",
      "",
      "HF_ENDPOINT is the hub's address, HF_TOKEN says who asks."
    })
final class ImportCommand implements Callable<Integer> {
  @Mixin private final Help help = new Help();
  @Mixin private final Place place = new Place();
  @Mixin private final NewVersion target = new NewVersion();
  private final Bench bench;

  @Parameters(
      paramLabel = "SOURCE",
      description = "The folder, the .gguf file, or hf://namespace/name with @revision or without.")
  private String source = "";

  @Option(
      names = "--base",
      paramLabel = "MODEL",
      description =
          "Of an adapter (LoRA): the model that it was made for, namespace/name, with @v2 for a"
              + " version; if it is not the one that the adapter names.")
  private String base = "";

  ImportCommand(Bench bench) {
    this.bench = bench;
  }

  @Override
  public Integer call() {
    try (Lathe lathe = bench.make(place)) {
      VersionDetails version = lathe.importAdapter(target.model(), base, source, target.message());
      target.deploy(lathe, version);
      bench.answer(place, version, () -> show(version));
    }
    return 0;
  }

  private void show(VersionDetails version) {
    Screen screen = bench.screen();
    screen.line(
        screen.paint(Style.NAME, version.model())
            + " "
            + screen.paint(Style.GOOD, version.version())
            + " is imported for "
            + version.task()
            + target.where());
  }
}
