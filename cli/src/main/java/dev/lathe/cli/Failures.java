package dev.lathe.cli;

import dev.lathe.cli.text.Screen;
import dev.lathe.cli.text.Style;
import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.server.ErrorMapping;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.HexFormat;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The way out for whatever a verb throws: one line on standard error and an exit code. */
record Failures(Screen screen)
    implements CommandLine.IExecutionExceptionHandler, CommandLine.IParameterExceptionHandler {
  /** What was typed makes no sense. */
  static final int USAGE = 2;

  /** It was tried and did not work. */
  static final int FAILED = 1;

  private static final System.Logger LOG = System.getLogger(Failures.class.getName());

  @Override
  public int handleParseException(ParameterException failure, String[] arguments) {
    CommandLine command = failure.getCommandLine();
    say(failure.getMessage());
    if (failure instanceof UnmatchedArgumentException unmatched) {
      UnmatchedArgumentException.printSuggestions(unmatched, screen.err());
    }
    screen.note("Try: " + command.getCommandSpec().qualifiedName() + " --help");
    return USAGE;
  }

  @Override
  public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
    return switch (failure) {
      case LatheException e when e.kind() != ErrorKind.INTERNAL -> {
        say(e.getMessage());
        yield ErrorMapping.exitCode(e.kind());
      }
      case ParameterException e -> handleParseException(e, new String[0]);
      case UncheckedIOException e -> missing(e.getCause());
      case IOException e -> missing(e);
      default -> internal(failure, command.getCommandSpec());
    };
  }

  private int missing(IOException failure) {
    String text = failure.getMessage();
    say(failure instanceof NoSuchFileException ? text + ": no such file" : describe(failure, text));
    return failure instanceof NoSuchFileException ? USAGE : FAILED;
  }

  private static String describe(IOException failure, String text) {
    String kind = failure.getClass().getSimpleName().replaceAll("(Exception|IO)", "");
    return kind.isEmpty() ? text : kind + ": " + text;
  }

  private int internal(Exception failure, CommandSpec command) {
    String id = HexFormat.of().toHexDigits(System.nanoTime(), 8);
    LOG.log(System.Logger.Level.ERROR, "internal error " + id, failure);
    CommandSpec mixin = command.mixins().get("place");
    String log =
        mixin != null && mixin.userObject() instanceof Place place
            ? " (details in " + Logs.file(place) + ")"
            : "";
    say("internal error " + id + log);
    return FAILED;
  }

  private void say(String message) {
    screen.note(screen.paintNote(Style.BAD, "lathe: ") + message);
  }
}
