package dev.lathe.generate.engine;

import dev.lathe.generate.StopText;
import java.util.List;

/** Makes text of the tokens of one answer, and looks for stops in it. */
final class Wording {
  private final Voice voice;
  private final StopText stops;

  Wording(Voice voice, List<String> stops) {
    this.voice = voice;
    this.stops = new StopText(stops);
  }

  /** Adds a token's text without looking for stops. */
  String pushUnheeded(int token) {
    String text = voice.push(token);
    String held = stops.finish();
    return held.isEmpty() ? text : held + text;
  }

  /** Adds a token; gives what can be shown now, up to a stop if one was met. */
  String push(int token) {
    return stops.push(voice.push(token));
  }

  /** There are no more tokens; gives what was held back, up to a stop if one was met. */
  String finish() {
    String shown = stops.push(voice.finish());
    return stops.found().isEmpty() ? shown + stops.finish() : shown;
  }

  /** The stop that was met; empty if none was. */
  String stop() {
    return stops.found();
  }
}
