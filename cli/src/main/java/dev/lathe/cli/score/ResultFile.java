package dev.lathe.cli.score;

import dev.lathe.ir.LatheException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * A result that grows beside its place, as {@code NAME.part}, and takes it when it is whole. What
 * was marked as done survives a crash of the process or the machine.
 */
final class ResultFile implements AutoCloseable {

  private static final int BUFFER = 1 << 18;
  private static final long MARK_NANOS = 1_000_000_000L;

  private final Path result;
  private final Path part;
  private final FileChannel channel;
  private final OutputStream out;
  private Mark mark;
  private long marked = System.nanoTime();
  private long written;
  private long added;

  private ResultFile(Path result, Path part, FileChannel channel, Mark mark) {
    this.result = result;
    this.part = part;
    this.channel = channel;
    this.mark = mark;
    this.written = mark.written();
    this.added = mark.rows();
    this.out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
  }

  static Path part(Path result) {
    return result.resolveSibling(result.getFileName() + ".part");
  }

  /**
   * Opens a result, new or where it was left.
   *
   * @param result its place
   * @param work what it is made of, with nothing done
   * @param existing what is done where there is one
   * @throws LatheException IN_THE_WAY, OTHER_WORK or CANNOT_WRITE
   */
  static ResultFile open(Path result, Mark work, ScoreRequest.Existing existing) {
    Path part = part(result);
    requireFree(result, part, existing);
    boolean goesOn = existing == ScoreRequest.Existing.RESUME && Files.exists(part);
    try {
      Mark start = work;
      if (goesOn) {
        start = Mark.read(part);
        work.requireSameWork(start, part);
        requireWhole(part, start);
      } else {
        work.write(part);
      }
      Set<StandardOpenOption> options = Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileChannel channel = FileChannel.open(part, options);
      channel.truncate(start.written());
      channel.position(start.written());
      return new ResultFile(result, part, channel, start);
    } catch (IOException e) {
      throw cannotWrite(part, e);
    }
  }

  private static void requireFree(Path result, Path part, ScoreRequest.Existing existing) {
    if (existing == ScoreRequest.Existing.REPLACE) {
      return;
    }
    if (Files.exists(result)) {
      throw new LatheException(
          ScoreError.IN_THE_WAY, result + " exists already (--force replaces it)");
    }
    if (existing == ScoreRequest.Existing.KEEP && Files.exists(part)) {
      throw new LatheException(
          ScoreError.IN_THE_WAY,
          part + " was begun earlier (--resume goes on with it, --force begins anew)");
    }
  }

  private static void requireWhole(Path part, Mark start) throws IOException {
    if (Files.size(part) < start.written()) {
      throw new LatheException(
          ScoreError.OTHER_WORK,
          part
              + ": "
              + Files.size(part)
              + " bytes (expected: at least "
              + start.written()
              + "; --force begins anew)");
    }
  }

  /** Rows that were done before. */
  long done() {
    return mark.rows();
  }

  /** Adds whole lines; rows counts all rows that are done with them. */
  void add(CharSequence lines, long rows) {
    byte[] bytes = lines.toString().getBytes(StandardCharsets.UTF_8);
    try {
      out.write(bytes);
      written += bytes.length;
      added = rows;
      if (System.nanoTime() - marked > MARK_NANOS) {
        flush(rows);
      }
    } catch (IOException e) {
      throw cannotWrite(part, e);
    }
  }

  /** Marks what is done, so that it need not be done again. */
  private void flush(long rows) throws IOException {
    out.flush();
    channel.force(false);
    mark = mark.at(rows, written);
    mark.write(part);
    marked = System.nanoTime();
  }

  /** The result takes its place. */
  void finish(long rows) {
    try {
      flush(rows);
      channel.close();
      Files.move(part, result, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      Files.deleteIfExists(Mark.beside(part));
    } catch (IOException e) {
      throw cannotWrite(result, e);
    }
  }

  private static LatheException cannotWrite(Path file, IOException cause) {
    return new LatheException(
        ScoreError.CANNOT_WRITE, file + " cannot be written: " + cause.getMessage(), cause);
  }

  @Override
  public void close() {
    try (channel) {
      if (channel.isOpen() && added > mark.rows()) {
        flush(added);
      }
    } catch (IOException e) {
      throw cannotWrite(part, e);
    }
  }
}
