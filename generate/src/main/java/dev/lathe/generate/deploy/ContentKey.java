package dev.lathe.generate.deploy;

import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Tells models apart by what they are made of, wherever they lie. */
final class ContentKey {
  private static final long PIECE = 64L << 20;

  private ContentKey() {}

  /** SHA-256 over the file and, in the order of the graph, over all weights. */
  static String of(Path file, Model model) {
    MessageDigest digest = sha256();
    add(digest, Disk.read(file));
    model.graph().initializers().values().stream()
        .map(Tensor::data)
        .forEach(weights -> add(digest, weights));
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void add(MessageDigest digest, MemorySegment bytes) {
    for (long from = 0; from < bytes.byteSize(); from += PIECE) {
      long count = Math.min(PIECE, bytes.byteSize() - from);
      digest.update(bytes.asSlice(from, count).asByteBuffer());
    }
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }
}
