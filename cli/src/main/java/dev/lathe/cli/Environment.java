package dev.lathe.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The environment of a model that a verb is about. */
final class Environment {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "MODEL", description = "The model.")
  private ModelReference model = new ModelReference("", "");

  @Option(
      names = {"-e", "--env"},
      paramLabel = "NAME",
      required = true,
      description = "The environment, for example prod.")
  private String name = "";

  /** The model's name. */
  String model() {
    model.requireNoVersion(spec);
    return model.model();
  }

  /** The environment's name. */
  String name() {
    return name;
  }
}
