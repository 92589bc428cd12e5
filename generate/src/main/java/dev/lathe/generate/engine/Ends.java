package dev.lathe.generate.engine;

import dev.lathe.generate.Ending;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What ends all answers of a model by itself, whatever their requests say beside it.
 *
 * @param tokens tokens that end an answer
 * @param stops texts that end an answer as these tokens do
 */
public record Ends(Set<Integer> tokens, List<String> stops) {
  /** The texts that end an answer to a request; a request's own come first. */
  List<String> stops(Ending asked) {
    if (stops.isEmpty() || asked.end() == Ending.EndTokens.IGNORED) {
      return asked.stops();
    }
    List<String> all = new ArrayList<>(asked.stops());
    stops.stream().filter(stop -> !all.contains(stop)).forEach(all::add);
    return all;
  }
}
