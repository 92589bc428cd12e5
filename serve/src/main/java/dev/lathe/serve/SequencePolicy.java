package dev.lathe.serve;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a model keeps between the requests of a sequence.
 *
 * @param idle after how long without a request a sequence is forgotten
 * @param most sequences that may go on at a time
 * @param state what goes from one request to the next
 * @param controls inputs that say where in its sequence a request stands
 */
record SequencePolicy(Duration idle, int most, List<State> state, Controls controls) {
  SequencePolicy {
    state = List.copyOf(state);
  }

  /** An output that is an input of the next request; zeros at the first. */
  record State(String input, String output) {}

  /** Inputs filled by the server: 1 or 0 at the first, the last and every request; the id. */
  record Controls(
      Optional<String> start, Optional<String> end, Optional<String> ready, Optional<String> id) {
    static final Controls NONE =
        new Controls(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }
}
