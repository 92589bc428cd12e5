package dev.lathe.cli;

import dev.lathe.cli.text.Screen;
import dev.lathe.server.ApiJson;
import dev.lathe.server.Lathe;
import java.io.InputStream;
import java.time.Clock;
import java.util.function.Function;

/**
 * What a verb works with.
 *
 * @param screen the terminal
 * @param opener opens the verbs where the options say
 * @param in standard input
 * @param clock for times like "2 min ago"
 */
record Bench(Screen screen, Function<Place, Lathe> opener, InputStream in, Clock clock) {
  /** The real one. */
  static Bench system() {
    return new Bench(Screen.system(), Bench::connect, System.in, Clock.systemUTC());
  }

  private static Lathe connect(Place place) {
    return place.server() == null ? Lathe.open(place.data()) : Lathe.connect(place.server());
  }

  /** Opens the verbs; the caller closes them. */
  Lathe open(Place place) {
    return opener.apply(place);
  }

  /** Answers with JSON where that was asked for, else by {@code human}. */
  void answer(Place place, Object result, Runnable human) {
    if (place.json()) {
      screen.line(ApiJson.print(result));
    } else {
      human.run();
    }
  }
}
