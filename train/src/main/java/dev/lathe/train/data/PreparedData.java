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
 * @param answers what the network answers with
 * @param digests what was read
 * @param remarks what whoever asked should know, a line each
 */
public record PreparedData(
    Part train,
    Part validation,
    Part test,
    Normalizer normalizer,
    Outputs answers,
    List<DataDigest> digests,
    List<String> remarks) {
  /** Copies the lists. */
  public PreparedData {
    digests = List.copyOf(digests);
    remarks = List.copyOf(remarks);
  }

  /**
   * Without remarks.
   *
   * @param train what is learned from
   * @param validation what is watched
   * @param test what is measured at the end
   * @param normalizer what was done to raw features
   * @param answers what the network answers with
   * @param digests what was read
   */
  public PreparedData(
      Part train,
      Part validation,
      Part test,
      Normalizer normalizer,
      Outputs answers,
      List<DataDigest> digests) {
    this(train, validation, test, normalizer, answers, digests, List.of());
  }

  /**
   * The shape of one example.
   *
   * @return its sizes
   */
  public long[] exampleDims() {
    return train.columns().getFirst().dims().stream().mapToLong(Long::longValue).toArray();
  }

  /**
   * The scores that a network gives.
   *
   * @return K
   */
  public int outputs() {
    return answers.count();
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
