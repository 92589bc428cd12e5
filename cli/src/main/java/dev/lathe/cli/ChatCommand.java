package dev.lathe.cli;

import dev.lathe.server.Lathe;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Talks with a text model. */
@Command(
    name = "chat",
    description = {
      "Talk with a text model that has a chat template, turn by turn.",
      "Each line of standard input is a message; answers appear while they are made."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lathe chat demo/handbook",
      "  lathe chat org/assistant@v3 --system 'You answer in one sentence.'",
      "  lathe chat demo/handbook --message 'What is a version?' --temperature 0",
      "  lathe chat demo/handbook --server http://127.0.0.1:8080"
    })
final class ChatCommand implements Callable<Integer> {
  @Mixin private final Help help = new Help();
  @Mixin private final Place place = new Place();
  @Mixin private final SpeakOptions options = new SpeakOptions();
  private final Bench bench;

  @Parameters(
      paramLabel = "MODEL[@VERSION]",
      description = "The model and its version: v1, latest, or an environment's name.")
  private ModelReference model = new ModelReference("", "");

  @Option(
      names = "--system",
      paramLabel = "TEXT",
      description = "What the model is told before the conversation.")
  private String system = "";

  @Option(
      names = {"-m", "--message"},
      paramLabel = "TEXT",
      description =
          "Say this and end after the answer; may be given several times, for several turns.")
  private List<String> messages = List.of();

  ChatCommand(Bench bench) {
    this.bench = bench;
  }

  @Override
  public Integer call() {
    Conversation conversation =
        new Conversation(bench, new Conversation.Setting(place, options, model, system));
    try (Lathe lathe = bench.open(place)) {
      if (messages.isEmpty()) {
        conversation.run(lathe);
      } else {
        messages.forEach(message -> conversation.say(lathe, message));
      }
    }
    return 0;
  }
}
