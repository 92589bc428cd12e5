package dev.lathe.train.curves;

import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainError;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * A file of events for TensorBoard: scalars by name and step.
 *
 * <p>A record is its length, the masked CRC-32C of the length, its bytes and their masked CRC-32C.
 * Each is appended by one write, so that a crash leaves whole records and at most one torn one at
 * the end, where readers stop. A run that is taken up again begins a new file, which sorts after
 * those that are there; its first event tells readers to forget what was written from that step on.
 *
 * <p>For one thread at a time.
 *
 * @see <a href="https://www.tensorflow.org/tutorials/load_data/tfrecord">TFRecord</a>
 */
public final class EventFile implements AutoCloseable {
  private static final Pattern NAME = Pattern.compile("events\\.out\\.tfevents\\.(\\d{1,12})\\..*");
  private static final int MAX_FILES = 100_000;
  private static final int MAX_SCALARS = 10_000;
  private static final int MAX_NAME = 1_024;
  private static final int CRC_MASK = 0xa282ead8;

  private final InstantSource clock;
  private final Path file;
  private final FileChannel channel;

  private EventFile(InstantSource clock, Path file, FileChannel channel) {
    this.clock = clock;
    this.file = file;
    this.channel = channel;
  }

  /**
   * Begins a file.
   *
   * @param folder where TensorBoard is pointed at; made if it is not there
   * @param clock tells the wall time of events
   * @return the file; the caller closes it
   * @throws LatheException STORAGE if it cannot be written, TOO_LARGE if the folder holds too many
   */
  public static EventFile create(Path folder, InstantSource clock) {
    try {
      Files.createDirectories(folder);
      long second = Math.max(clock.instant().getEpochSecond(), latest(folder).orElse(-1L) + 1);
      for (int tries = 0; tries < 100; tries++) {
        Path file =
            folder.resolve(
                String.format(Locale.ROOT, "events.out.tfevents.%010d.lathe", second + tries));
        Optional<FileChannel> channel = opened(file);
        if (channel.isPresent()) {
          EventFile events = new EventFile(clock, file, channel.get());
          events.append(events.event(0).text(3, "brain.Event:2"));
          return events;
        }
      }
      throw new IOException("no free name after " + second);
    } catch (IOException | DirectoryIteratorException e) {
      throw new LatheException(
          TrainError.STORAGE, folder + ": no event file can be made: " + e.getMessage(), e);
    }
  }

  private static Optional<FileChannel> opened(Path file) throws IOException {
    try {
      return Optional.of(
          FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    } catch (FileAlreadyExistsException e) {
      return Optional.empty();
    }
  }

  private static Optional<Long> latest(Path folder) throws IOException {
    Optional<Long> latest = Optional.empty();
    int files = 0;
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
      for (Path path : all) {
        if (++files > MAX_FILES) {
          throw new LatheException(
              TrainError.TOO_LARGE, folder + ": more than " + MAX_FILES + " files");
        }
        Matcher name = NAME.matcher(path.getFileName().toString());
        if (name.matches()) {
          long second = Long.parseLong(name.group(1));
          latest = Optional.of(Math.max(second, latest.orElse(second)));
        }
      }
    }
    return latest;
  }

  /**
   * Tells readers that a run is taken up again: what earlier files say of this step and later ones
   * no longer counts.
   *
   * @param step the first step that is made again, from 0
   * @throws LatheException STORAGE if it cannot be written
   */
  public void resume(long step) {
    append(event(step).message(7, new ProtoBytes().integer(1, 1)));
  }

  /**
   * Writes what was measured at a step.
   *
   * @param step steps made
   * @param values numbers by name, such as {@code loss/train}; kept as FLOAT, not finite ones too
   * @throws LatheException STORAGE if it cannot be written; TOO_LARGE if there are too many or
   *     their names are too long
   */
  public void scalars(long step, Map<String, Double> values) {
    if (values.isEmpty()) {
      return;
    }
    if (values.size() > MAX_SCALARS) {
      throw new LatheException(
          TrainError.TOO_LARGE,
          file + ": " + values.size() + " scalars of a step (expected: at most 10,000)");
    }
    ProtoBytes summary = new ProtoBytes();
    values.forEach((name, value) -> summary.message(1, scalar(name, value)));
    append(event(step).message(5, summary));
  }

  private ProtoBytes scalar(String name, double value) {
    if (name.isEmpty() || name.length() > MAX_NAME) {
      throw new LatheException(
          TrainError.TOO_LARGE,
          file + ": a scalar's name of " + name.length() + " characters (expected: 1 to 1,024)");
    }
    return new ProtoBytes().text(1, name).real32(2, (float) value);
  }

  private ProtoBytes event(long step) {
    Instant now = clock.instant();
    return new ProtoBytes().real64(1, now.getEpochSecond() + now.getNano() * 1e-9).integer(2, step);
  }

  private void append(ProtoBytes event) {
    byte[] bytes = event.toArray();
    ByteBuffer record = ByteBuffer.allocate(bytes.length + 16).order(ByteOrder.LITTLE_ENDIAN);
    record.putLong(bytes.length);
    record.putInt(masked(record.array(), 0, 8));
    record.put(bytes);
    record.putInt(masked(bytes, 0, bytes.length));
    record.flip();
    try {
      while (record.hasRemaining()) {
        channel.write(record);
      }
    } catch (IOException e) {
      throw new LatheException(
          TrainError.STORAGE, file + ": cannot be written: " + e.getMessage(), e);
    }
  }

  private static int masked(byte[] bytes, int from, int count) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, count);
    return Integer.rotateRight((int) crc.getValue(), 15) + CRC_MASK;
  }

  /**
   * Where the events are.
   *
   * @return the file
   */
  public Path file() {
    return file;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new LatheException(
          TrainError.STORAGE, file + ": cannot be closed: " + e.getMessage(), e);
    }
  }

  /** The bytes of a Protocol Buffers message, field by field. */
  private static final class ProtoBytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** Nothing is written for 0, which readers take where a field is missing. */
    ProtoBytes integer(int field, long value) {
      if (value != 0) {
        varint((long) field << 3);
        varint(value);
      }
      return this;
    }

    ProtoBytes real64(int field, double value) {
      varint((long) field << 3 | 1);
      fixed(Double.doubleToLongBits(value), 8);
      return this;
    }

    ProtoBytes real32(int field, float value) {
      varint((long) field << 3 | 5);
      fixed(Float.floatToIntBits(value), 4);
      return this;
    }

    ProtoBytes text(int field, String value) {
      return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    ProtoBytes message(int field, ProtoBytes value) {
      return bytes(field, value.toArray());
    }

    private ProtoBytes bytes(int field, byte[] value) {
      varint((long) field << 3 | 2);
      varint(value.length);
      out.write(value, 0, value.length);
      return this;
    }

    private void fixed(long value, int bytes) {
      for (int i = 0; i < bytes; i++) {
        out.write((int) (value >>> 8 * i));
      }
    }

    private void varint(long value) {
      long rest = value;
      while ((rest & ~0x7FL) != 0) {
        out.write((int) (rest & 0x7F | 0x80));
        rest >>>= 7;
      }
      out.write((int) rest);
    }

    byte[] toArray() {
      return out.toByteArray();
    }
  }
}
