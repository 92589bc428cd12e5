package dev.lathe.train.data.source;

import dev.lathe.train.data.Dice;

/**
 * The order that a shuffling window gives to a stream: of the examples in the window one is drawn
 * and the stream's next takes its slot; at the stream's end the window's last slot does. Places of
 * the stream are moved about here, not examples, so that any position is reached without reading.
 */
final class WindowOrder {
  private final int size;
  private final Dice dice;
  private final int[] slots;
  private int filled;
  private int entered;
  private int drawn;

  /** A stream of some size, at its beginning. */
  WindowOrder(int size, int window, Dice dice) {
    this.size = size;
    this.dice = dice;
    this.slots = new int[Math.min(size, window)];
    this.filled = slots.length;
    this.entered = slots.length;
    for (int i = 0; i < slots.length; i++) {
      slots[i] = i;
    }
  }

  /** Slots that hold an example. */
  int filled() {
    return filled;
  }

  /** Examples of the stream that have entered the window. */
  int entered() {
    return entered;
  }

  /** The place in the stream of a slot's example. */
  int placeOf(int slot) {
    return slots[slot];
  }

  /** Draws the slot whose example is next; {@link #leave} must follow. */
  int draw() {
    drawn = dice.below(filled);
    return drawn;
  }

  /** Fills the drawn slot anew; returns whether from the stream, else from the last slot. */
  boolean leave() {
    boolean fromStream = entered < size;
    if (fromStream) {
      slots[drawn] = entered++;
    } else {
      slots[drawn] = slots[--filled];
    }
    return fromStream;
  }
}
