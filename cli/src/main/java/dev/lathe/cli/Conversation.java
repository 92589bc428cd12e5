package dev.lathe.cli;

import dev.lathe.cli.text.Screen;
import dev.lathe.cli.text.Style;
import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.server.ApiJson;
import dev.lathe.server.Lathe;
import dev.lathe.server.ServerError;
import dev.lathe.server.TextQuestion.Turn;
import dev.lathe.server.TextReply;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is said between a person at the terminal and a text model, turn by turn. */
final class Conversation {
  private final Bench bench;
  private final Place place;
  private final SpeakOptions options;
  private final ModelReference model;
  private final List<Turn> turns = new ArrayList<>();
  private final String system;

  /** Who talks to whom. */
  record Setting(Place place, SpeakOptions options, ModelReference model, String system) {}

  Conversation(Bench bench, Setting setting) {
    this.bench = bench;
    this.place = setting.place();
    this.options = setting.options();
    this.model = setting.model();
    this.system = setting.system();
    begin();
  }

  private void begin() {
    turns.clear();
    if (!system.isEmpty()) {
      turns.add(new Turn("system", system));
    }
  }

  /** Says something and shows the answer while it comes. */
  TextReply say(Lathe lathe, String message) {
    turns.add(new Turn("user", message));
    try {
      Shown shown = new Shown();
      TextReply reply =
          lathe.speak(model.model(), model.version(), options.conversation(turns), shown::add);
      turns.add(new Turn("assistant", reply.text().strip()));
      if (place.json()) {
        bench.screen().line(ApiJson.print(reply));
      } else {
        bench.screen().line("");
      }
      return reply;
    } catch (LatheException e) {
      turns.removeLast();
      throw e;
    }
  }

  /** Shows an answer without the space that it begins with. */
  private final class Shown {
    private boolean begun;

    void add(String piece) {
      String text = begun ? piece : piece.stripLeading();
      begun |= !text.isEmpty();
      if (!place.json() && !text.isEmpty()) {
        bench.screen().text(text);
      }
    }
  }

  /** Goes on until the person has no more to say. */
  void run(Lathe lathe) {
    Screen screen = bench.screen();
    screen.note(screen.paintNote(Style.DIM, "/clear begins anew, /exit or the end of input ends."));
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(bench.in(), StandardCharsets.UTF_8));
    for (String line = next(lines); line != null; line = next(lines)) {
      switch (line.strip()) {
        case "" -> {}
        case "/exit", "/quit" -> {
          return;
        }
        case "/clear" -> begin();
        default -> answer(lathe, line.strip());
      }
    }
  }

  /** What is wrong with one message ends that message only; a server that is gone ends all. */
  private void answer(Lathe lathe, String message) {
    try {
      say(lathe, message);
    } catch (LatheException e) {
      if (e.kind() != ErrorKind.INVALID && e.kind() != ErrorKind.EXHAUSTED) {
        throw e;
      }
      bench.screen().note(e.getMessage() + " (/clear begins anew)");
    }
  }

  private @Nullable String next(BufferedReader lines) {
    if (bench.screen().traits().outTerminal() && !place.json()) {
      bench.screen().text(bench.screen().paint(Style.NAME, "> "));
    }
    try {
      return lines.readLine();
    } catch (IOException e) {
      throw new LatheException(ServerError.BAD_REQUEST, "standard input cannot be read", e);
    }
  }
}
