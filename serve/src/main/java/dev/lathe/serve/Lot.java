package dev.lathe.serve;

/** Draws lots: the same for the same key wherever it is drawn, and as good as independent else. */
final class Lot {
  private Lot() {}

  /**
   * A number for a key.
   *
   * @param place where lots are drawn
   * @param purpose what for
   * @param key who draws
   * @return 0 to 1, without 1
   */
  static double of(Place place, String purpose, String key) {
    long hash = mixed(0, place.model().toString());
    hash = mixed(hash, place.environment());
    hash = mixed(hash, purpose);
    hash = mixed(hash, key);
    return (finished(hash) >>> 11) * 0x1.0p-53;
  }

  /** FNV-1a over the text's units, and one more for its end. */
  private static long mixed(long start, String text) {
    long hash = start ^ 0xcbf29ce484222325L;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    return (hash ^ 0x10000) * 0x100000001b3L;
  }

  /** The finalizer of SplitMix64, which spreads every bit over all. */
  private static long finished(long hash) {
    long mixed = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}
