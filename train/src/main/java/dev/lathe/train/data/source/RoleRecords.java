package dev.lathe.train.data.source;

import dev.lathe.train.data.Cursor;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The records of one role as examples, chunk by chunk in any order of chunks. */
final class RoleRecords {
  private final Path file;
  private final RecordSource.Chunks source;
  private final Kept kept;
  private final Encoder encoder;

  RoleRecords(Path file, RecordSource.Chunks source, Kept kept, Encoder encoder) {
    this.file = file;
    this.source = source;
    this.kept = kept;
    this.encoder = encoder;
  }

  /**
   * Which records are kept.
   *
   * @param role their role
   * @param split what gives roles
   * @param counts how many each chunk has of the role
   */
  record Kept(Role role, Split split, int[] counts) {}

  int chunks() {
    return kept.counts().length;
  }

  /** Reads chunks in an order. */
  Cursor read(int[] chunks) {
    return new Chunks(chunks);
  }

  private final class Chunks implements Cursor {
    private final int[] order;
    private final float[] raw = new float[encoder.width()];
    private int at;
    private int record;
    private int left;
    private @Nullable RecordReader reader;

    Chunks(int[] order) {
      this.order = order;
    }

    @Override
    public boolean next(List<MemorySegment> columns, int place) {
      RecordReader found = advance();
      if (found == null) {
        return false;
      }
      encoder.write(found, raw, columns, place);
      return true;
    }

    /** The next record of the role, or null at the end. */
    private @Nullable RecordReader advance() {
      while (left == 0) {
        close();
        if (at == order.length) {
          return null;
        }
        left = kept.counts()[order[at]];
        record = 0;
        if (left > 0) {
          reader = source.open(order[at]);
        }
        at++;
      }
      RecordReader records = reader;
      int chunk = order[at - 1];
      while (records != null && records.next()) {
        if (kept.split().role(chunk, record++) == kept.role()) {
          left--;
          return records;
        }
      }
      throw Numbers.bad(file + ": fewer records than were counted (has the file changed?)");
    }

    @Override
    public void skip(long count) {
      long rest = count;
      while (rest > 0) {
        if (left == 0) {
          while (at < order.length && kept.counts()[order[at]] <= rest) {
            rest -= kept.counts()[order[at++]];
          }
        }
        if (rest == 0 || advance() == null) {
          return;
        }
        rest--;
      }
    }

    @Override
    public void close() {
      if (reader != null) {
        reader.close();
        reader = null;
      }
    }
  }
}
