package dev.lathe.transform.gradient;

import java.util.ArrayList;
import java.util.List;

/**
 * Where sequences have lengths of their own: beyond its length a sequence keeps its state and gives
 * 0. Where they have none, all of this is the identity.
 */
final class StepMask {
  private final RecurrentLayer.Direction direction;
  private final ScanBody body;
  private final String within;

  private StepMask(RecurrentLayer.Direction direction, ScanBody body, String within) {
    this.direction = direction;
    this.body = body;
    this.within = within;
  }

  static StepMask of(RecurrentLayer.Direction direction, ScanBody body) {
    return new StepMask(direction, body, direction.masked() ? body.each(direction.mask()) : "");
  }

  private boolean isPresent() {
    return !within.isEmpty();
  }

  /** Saves the state before the step, where the one after it does not tell. */
  void collect(String state) {
    if (isPresent()) {
      body.collect(state);
    }
  }

  /** The new value within a sequence, the old one beyond. */
  String hold(String now, String before) {
    return isPresent() ? body.node("Where", within, now, before) : now;
  }

  /** The value within a sequence, 0 beyond. */
  String zero(String value) {
    return isPresent() ? body.node("Where", within, value, direction.number(0)) : value;
  }

  /** Outputs, last states, and what is saved: states first, then all but the outputs. */
  RecurrentCell.Forth forth(ScanBody.Made made) {
    List<String> last = made.last().stream().map(direction::unlessEmpty).toList();
    List<String> sequences = made.sequences();
    List<String> saved = new ArrayList<>();
    saved.add(isPresent() ? sequences.getLast() : sequences.getFirst());
    saved.addAll(sequences.subList(1, sequences.size()));
    return new RecurrentCell.Forth(sequences.getFirst(), last, saved);
  }

  /** The states before each step, [T, B, H], from the first of what is saved. */
  String previous(String saved) {
    return isPresent() ? direction.g().transpose(saved, 0, 2, 1) : direction.previous(saved);
  }
}
