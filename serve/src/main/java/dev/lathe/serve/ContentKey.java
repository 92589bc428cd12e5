package dev.lathe.serve;

import dev.lathe.ir.ByteStrings;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a request asks, as a SHA-256 digest of its outputs' names and its inputs' names, types,
 * shapes and bytes. Requests that differ are not expected ever to have the same.
 */
final class ContentKey {
  private static final long PART_BYTES = 1L << 30;

  private final byte[] digest;

  private ContentKey(byte[] digest) {
    this.digest = digest;
  }

  static ContentKey of(InferRequest request) {
    MessageDigest digest = sha256();
    new TreeSet<>(request.outputs()).forEach(name -> text(digest, name));
    number(digest, -1);
    new TreeMap<>(request.inputs()).forEach((name, tensor) -> add(digest, name, tensor));
    return new ContentKey(digest.digest());
  }

  private static void add(MessageDigest digest, String name, Tensor tensor) {
    text(digest, name);
    text(digest, tensor.type().name());
    number(digest, tensor.rank());
    for (int axis = 0; axis < tensor.rank(); axis++) {
      number(digest, tensor.dim(axis));
    }
    if (tensor.type() == ElementType.STRING) {
      ByteStrings.of(tensor).forEach(value -> bytes(digest, value.toArray()));
      return;
    }
    MemorySegment data = tensor.data();
    for (long start = 0; start < data.byteSize(); start += PART_BYTES) {
      long length = Math.min(PART_BYTES, data.byteSize() - start);
      digest.update(data.asSlice(start, length).asByteBuffer());
    }
  }

  private static void text(MessageDigest digest, String text) {
    bytes(digest, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void bytes(MessageDigest digest, byte[] bytes) {
    number(digest, bytes.length);
    digest.update(bytes);
  }

  private static void number(MessageDigest digest, long number) {
    digest.update(ByteBuffer.allocate(Long.BYTES).putLong(number).flip());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ContentKey key && Arrays.equals(digest, key.digest);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(digest);
  }
}
