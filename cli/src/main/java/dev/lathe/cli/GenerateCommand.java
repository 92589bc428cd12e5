package dev.lathe.cli;

import dev.lathe.ir.LatheException;
import dev.lathe.server.Lathe;
import dev.lathe.server.ServerError;
import dev.lathe.server.TextReply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lets a text model go on with a text. */
@Command(
    name = "generate",
    description = {"Let a text model go on with a text."},
    footerHeading = "%nExamples:%n",
    footer = {
      "  lathe generate demo/shakespeare --prompt 'ROMEO:'",
      "  lathe generate demo/handbook@v2 -p 'A version is' --max-tokens 40 --temperature 0",
      "  lathe generate demo/handbook --prompt - --json < beginning.txt"
    })
final class GenerateCommand implements Callable<Integer> {
  private static final int LONGEST = 4 << 20;

  @Mixin private final Help help = new Help();
  @Mixin private final Place place = new Place();
  @Mixin private final SpeakOptions options = new SpeakOptions();
  private final Bench bench;

  @Parameters(
      paramLabel = "MODEL[@VERSION]",
      description = "The model and its version: v1, latest, or an environment's name.")
  private ModelReference model = new ModelReference("", "");

  @Option(
      names = {"-p", "--prompt"},
      paramLabel = "TEXT",
      required = true,
      description = "The text to go on with; - for standard input.")
  private String prompt = "";

  GenerateCommand(Bench bench) {
    this.bench = bench;
  }

  @Override
  public Integer call() {
    String text = prompt.equals("-") ? read() : prompt;
    try (Lathe lathe = bench.open(place)) {
      TextReply reply =
          lathe.speak(model.model(), model.version(), options.prompt(text), this::show);
      bench.answer(place, reply, () -> bench.screen().line(""));
    }
    return 0;
  }

  private void show(String piece) {
    if (!place.json()) {
      bench.screen().text(piece);
    }
  }

  private String read() {
    try {
      byte[] bytes = bench.in().readNBytes(LONGEST + 1);
      if (bytes.length > LONGEST) {
        throw new LatheException(
            ServerError.BAD_REQUEST, "prompt: more than " + LONGEST + " bytes on standard input");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new LatheException(ServerError.BAD_REQUEST, "standard input cannot be read", e);
    }
  }
}
