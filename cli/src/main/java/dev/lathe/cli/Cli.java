package dev.lathe.cli;

import dev.lathe.cli.text.Screen;
import dev.lathe.ir.LatheException;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The tree of verbs, wired by hand. */
final class Cli {
  private static final int MOST_COLUMNS = 100;

  private final CommandLine commands;

  Cli(Bench bench) {
    commands = new CommandLine(new LatheCommand());
    for (Object verb : verbs(bench)) {
      commands.addSubcommand(verb);
    }
    commands.addSubcommand(new CommandLine.HelpCommand());
    commands.registerConverter(ModelReference.class, new ModelReference.Converter());
    configure(bench.screen());
  }

  private static List<Object> verbs(Bench bench) {
    return List.of(
        new QuickstartCommand(bench),
        new TrainCommand(bench),
        new ModelsCommand(bench),
        new LogCommand(bench),
        new ShowCommand(bench),
        new ReleaseCommand(bench),
        new ImportCommand(bench),
        new DeployCommand(bench),
        new DeploymentsCommand(bench),
        new TrialCommand(bench),
        new PromoteCommand(bench),
        new RollbackCommand(bench),
        new HistoryCommand(bench),
        new PredictCommand(bench),
        new ExplainCommand(bench),
        new TranslateCommand(bench),
        new AnswerCommand(bench),
        new ClassifyCommand(bench),
        new ChatCommand(bench),
        new GenerateCommand(bench),
        new BenchCommand(bench),
        new ServeCommand(bench),
        new CheckoutCommand(bench),
        new JobsCommand(bench),
        new KeysCommand(bench),
        new VersionCommand(bench));
  }

  private void configure(Screen screen) {
    Screen.Traits traits = screen.traits();
    Failures failures = new Failures(screen);
    boolean colours = traits.outTerminal() && traits.colours();
    commands.setOut(new PrintWriter(screen.out(), true));
    commands.setErr(new PrintWriter(screen.err(), true));
    commands.setColorScheme(CommandLine.Help.defaultColorScheme(colours ? Ansi.ON : Ansi.OFF));
    commands.setUsageHelpWidth(Math.min(traits.width(), MOST_COLUMNS));
    commands.setExecutionExceptionHandler(failures);
    commands.setParameterExceptionHandler(failures);
    commands.setExecutionStrategy(Cli::execute);
    commands.setCaseInsensitiveEnumValuesAllowed(true);
  }

  private static int execute(ParseResult parsed) {
    List<CommandLine> typed = parsed.asCommandLineList();
    CommandSpec place = typed.getLast().getCommandSpec().mixins().get("place");
    if (place != null && place.userObject() instanceof Place given) {
      prepare(typed.getLast(), given);
    }
    return new CommandLine.RunLast().execute(parsed);
  }

  private static void prepare(CommandLine verb, Place place) {
    if (verb.isUsageHelpRequested()) {
      return;
    }
    try {
      place.requireFolder();
    } catch (LatheException e) {
      throw new CommandLine.ExecutionException(verb, e.getMessage(), e);
    }
    Logs.install(place);
  }

  /**
   * Runs one verb.
   *
   * @param arguments what was typed after the program's name
   * @return the exit code
   */
  int run(String... arguments) {
    return commands.execute(arguments);
  }
}
