package dev.lathe.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The program itself: lists the verbs. */
@Command(
    name = "lathe",
    description = "Turns data and models into services. A model is an ONNX graph, always.",
    synopsisSubcommandLabel = "COMMAND",
    footerHeading = "%nFirst steps:%n",
    footer = {
      "  lathe quickstart            train, release, deploy and serve a first model",
      "  lathe train recipe.yaml     train what a recipe says",
      "  lathe COMMAND --help        a verb in detail, with examples",
      "",
      "Everything lives in ./lathe-data unless --data names another folder; --server",
      "asks a running server instead.",
      "Exit codes: 0 done, 1 failed, 2 wrong usage or input."
    })
final class LatheCommand implements Runnable {
  @Mixin private final Help help = new Help();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "a command is missing");
  }
}
