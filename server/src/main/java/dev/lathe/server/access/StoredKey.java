package dev.lathe.server.access;

import dev.lathe.server.KeyInfo;
import java.util.Optional;

/**
 * A key as it is kept.
 *
 * @param info everything that may be shown
 * @param hash the SHA-256 of the whole key, in hexadecimal digits
 * @param lineage the id of the first key of which this one came by rotation, so that a name that is
 *     used again is another owner; absent in files of older versions, where names are owners
 */
record StoredKey(KeyInfo info, String hash, Optional<String> lineage) {
  /** What the things go by that are kept for who has this key. */
  String account() {
    return "key:" + info.name() + lineage.map(first -> "#" + first).orElse("");
  }
}
