package dev.lathe.cli;

import dev.lathe.cli.text.Screen;
import dev.lathe.server.ApiJson;
import dev.lathe.server.Lathe;
import java.io.InputStream;
import java.time.Clock;

/**
 * What a verb works with.
 *
 * @param screen the terminal
 * @param opener opens the verbs where the options say
 * @param in standard input
 * @param clock for times like "2 min ago"
 */
record Bench(Screen screen, Opener opener, InputStream in, Clock clock) {
  /** What a verb expects to find where it is sent. */
  enum Footing {
    /** Anything, or nothing: the verb makes what it needs. */
    ANY,
    /** Something made earlier: the verb must not make a folder where a name is mistyped. */
    DATA
  }

  /** Opens the verbs at a place. */
  interface Opener {
    Lathe open(Place place, Footing footing);
  }

  /** The real one. */
  static Bench system() {
    return new Bench(Screen.system(), Bench::connect, System.in, Clock.systemUTC());
  }

  private static Lathe connect(Place place, Footing footing) {
    if (footing == Footing.DATA) {
      place.requireData();
    }
    return place.server() == null
        ? Lathe.open(place.data())
        : Lathe.connect(place.server(), place.key());
  }

  /** Opens the verbs over what was made earlier; the caller closes them. */
  Lathe open(Place place) {
    return opener.open(place, Footing.DATA);
  }

  /** Opens the verbs, and makes a data folder where there is none; the caller closes them. */
  Lathe make(Place place) {
    return opener.open(place, Footing.ANY);
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
