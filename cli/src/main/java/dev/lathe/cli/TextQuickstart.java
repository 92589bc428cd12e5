package dev.lathe.cli;

import dev.lathe.cli.text.Style;
import dev.lathe.cli.text.Words;
import dev.lathe.ir.LatheException;
import dev.lathe.server.ApiJson;
import dev.lathe.server.JobInfo;
import dev.lathe.server.JobState;
import dev.lathe.server.Lathe;
import dev.lathe.server.RecipeSource;
import dev.lathe.server.ServerConfig;
import dev.lathe.server.ServerError;
import dev.lathe.server.TextQuestion;
import dev.lathe.server.TextReply;
import dev.lathe.server.VersionDetails;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The whole way once for a model that speaks: text, training, release, server, conversation. */
final class TextQuickstart {
  private static final String STEPS = "5";
  private static final long MOST_TEXT = 64L << 20;
  private static final int LEAST_TURNS = 20;

  private final Bench bench;
  private final Place place;
  private final Port port;

  TextQuickstart(Bench bench, Place place, Port port) {
    this.bench = bench;
    this.place = place;
    this.port = port;
  }

  /**
   * Goes the way.
   *
   * @param file the text to learn from; empty for the project's own pages
   * @param once whether to stop after the first answer
   */
  int run(String file, Once once) {
    Turns turns = turns(file);
    JobInfo job = train(turns, folder(turns));
    if (job.state() != JobState.SUCCEEDED) {
      return Failures.FAILED;
    }
    VersionDetails version = released(job);
    ModelReference model = new ModelReference(version.model(), version.version());
    try (Running server = Running.start(ServerConfig.of(place.data(), port.number()));
        Lathe lathe = Lathe.connect(server.address())) {
      say(4, "Serving at " + paint(Style.NAME, server.address().toString()));
      say(5, "Asked over HTTP: " + turns.question());
      Conversation conversation =
          new Conversation(bench, new Conversation.Setting(place, new SpeakOptions(), model, ""));
      if (place.json()) {
        TextReply reply = lathe.speak(model.model(), model.version(), asked(turns), piece -> {});
        bench.screen().line(ApiJson.print(document(job, server, reply)));
      } else {
        conversation.say(lathe, turns.question());
        next(server, version).forEach(bench.screen()::line);
      }
      if (once == Once.NO) {
        go(conversation, lathe, server);
      }
    }
    return 0;
  }

  private static TextQuestion asked(Turns turns) {
    return new SpeakOptions()
        .conversation(List.of(new TextQuestion.Turn("user", turns.question())));
  }

  /** Whether to go on after the first answer. */
  enum Once {
    /** Stop. */
    YES,
    /** Go on talking, or serving. */
    NO
  }

  private void go(Conversation conversation, Lathe lathe, Running server) {
    if (bench.screen().traits().outTerminal() && !place.json()) {
      bench.screen().line("");
      bench.screen().line("Go on talking with it here:");
      conversation.run(lathe);
    } else {
      bench.screen().note("Serving until Ctrl-C.");
      server.await();
    }
  }

  private Turns turns(String file) {
    Turns turns =
        file.isEmpty() ? Turns.ofPages(Documentation.pages()) : Turns.ofText(read(Path.of(file)));
    if (turns.count() < LEAST_TURNS) {
      throw new LatheException(
          ServerError.BAD_REQUEST,
          (file.isEmpty() ? "the program's own pages" : file)
              + ": "
              + 2 * turns.count()
              + " paragraphs (expected: at least "
              + 2 * LEAST_TURNS
              + ", with an empty line between them)");
    }
    return turns;
  }

  private static String read(Path file) {
    try {
      if (!Files.isRegularFile(file) || Files.size(file) > MOST_TEXT) {
        throw new LatheException(
            ServerError.BAD_REQUEST,
            file + ": no file of text (expected: one of at most " + MOST_TEXT + " bytes)");
      }
      return Files.readString(file);
    } catch (IOException e) {
      throw new LatheException(
          ServerError.BAD_REQUEST, file + ": cannot be read as text in UTF-8", e);
    }
  }

  /** What the recipe names, in a folder that stays, so that the training can be done again. */
  private Path folder(Turns turns) {
    Path folder = place.data().resolve("quickstart-text").toAbsolutePath();
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("turns.txt"), turns.text());
      Files.writeString(folder.resolve("recipe.yaml"), resource("quickstart-text.yaml"));
      Files.writeString(
          folder.resolve("chat_template.jinja"), resource("quickstart-template.jinja").strip());
      Files.writeString(
          folder.resolve("generation_config.json"), resource("quickstart-generation.json"));
      return folder;
    } catch (IOException e) {
      throw new LatheException(
          ServerError.BAD_REQUEST, folder + ": cannot be written (expected: a writable folder)", e);
    }
  }

  private JobInfo train(Turns turns, Path folder) {
    say(
        1,
        "Learning to speak from "
            + turns.count()
            + " questions and answers: a Llama of 4 layers, about two minutes");
    RecipeSource recipe = new RecipeSource(resource("quickstart-text.yaml"), folder);
    try (Lathe lathe = bench.make(place)) {
      return new Training(bench, place)
          .run(lathe, (verbs, listener) -> verbs.train(recipe, listener));
    }
  }

  private VersionDetails released(JobInfo job) {
    try (Lathe lathe = bench.make(place)) {
      VersionDetails version = lathe.show(job.model(), job.version().orElse("latest"));
      String took =
          job.started().isPresent() && job.finished().isPresent()
              ? Words.exact(Duration.between(job.started().get(), job.finished().get()))
              : "an unknown time";
      say(1, "Trained in " + took);
      String name = version.model() + "@" + version.version();
      say(2, "Released " + paint(Style.NAME, name));
      say(3, "Deployed: " + version.version() + " is live in " + paint(Style.GOOD, "prod"));
      return version;
    }
  }

  private List<String> next(Running server, VersionDetails version) {
    String lathe = System.getProperty("lathe.command", "lathe");
    return List.of(
        "",
        "Try next, in another terminal:",
        "  " + lathe + " chat " + version.model() + " --server " + server.address(),
        "  curl -s " + server.address() + "/v1/chat/completions \\",
        "    -H 'Content-Type: application/json' \\",
        "    -d '{\"model\": \""
            + version.model()
            + "\", \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}'",
        "  " + lathe + " generate " + version.model() + " --prompt 'user:'" + place.words());
  }

  private static Map<String, Object> document(JobInfo job, Running server, TextReply reply) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("model", job.model());
    document.put("version", job.version().orElse(""));
    document.put("metrics", job.metrics());
    document.put("address", server.address().toString());
    document.put("answer", reply.text());
    return document;
  }

  private void say(int step, String text) {
    String number = "[" + step + "/" + STEPS + "]";
    if (place.json()) {
      bench.screen().note(number + " " + text);
    } else {
      bench.screen().line(paint(Style.DIM, number) + " " + text);
    }
  }

  private String paint(Style style, String text) {
    return place.json() ? text : bench.screen().paint(style, text);
  }

  static String resource(String name) {
    try (InputStream in = TextQuickstart.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is not in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
