package dev.lathe.train.data;

import dev.lathe.train.DataDigest;
import java.util.List;

/**
 * Examples that are split, shaped and normalized.
 *
 * @param train what is learned from
 * @param validation what is watched; may have no examples
 * @param test what is measured at the end; may have no examples
 * @param normalizer what was done to raw features
 * @param labels class names; empty for regression
 * @param digests what was read
 */
public record PreparedData(
    Part train,
    Part validation,
    Part test,
    Normalizer normalizer,
    List<String> labels,
    List<DataDigest> digests) {
  /** Copies the lists. */
  public PreparedData {
    labels = List.copyOf(labels);
    digests = List.copyOf(digests);
  }

  /**
   * The shape of one example.
   *
   * @return its sizes
   */
  public long[] exampleDims() {
    return column(Part.FEATURES).dims().stream().mapToLong(Long::longValue).toArray();
  }

  /**
   * The scores that a network gives.
   *
   * @return K
   */
  public int outputs() {
    List<Long> dims = column(Part.TARGET).dims();
    return dims.isEmpty() ? labels.size() : Math.toIntExact(dims.getFirst());
  }

  private Column column(String name) {
    return train.columns().stream().filter(c -> c.name().equals(name)).findFirst().orElseThrow();
  }

  /**
   * One digest of all, for checkpoints.
   *
   * @return 64 hexadecimal digits
   */
  public String digest() {
    Digest all = new Digest();
    digests.forEach(d -> all.add(d.role()).add(d.sha256()).add(Long.toString(d.examples())));
    return all.hex();
  }
}
