package dev.lathe.generate.deploy;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.onnx.ExternalData;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.transform.CachedDecoder;
import dev.lathe.transform.QuantizeWeights;
import dev.lathe.transform.WeightForm;
import dev.lathe.transform.WeightMemory;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * Forms of released decoders, made once and kept in a folder by what they were made of and what
 * for. A form is written into a folder of its own and moved in place when it is whole, so that
 * several processes may share the folder and a crash leaves nothing that is taken for a form. Safe
 * for use by many threads; forms are made one at a time.
 *
 * <p>While a form is made, old and new weights are mapped files: neither needs to fit into memory.
 */
public final class DeployForms {
  private static final System.Logger LOG = System.getLogger(DeployForms.class.getName());

  /** Grows whenever the same model would become another form. */
  private static final int EDITION = 2;

  private static final String MODEL = "model.onnx";
  private static final String UNFINISHED = "form-.part";
  private static final int ALIGNMENT = 4096;
  private static final long EXTERNAL_FROM = 1024;
  private static final long GIVEN_UP_MILLIS = 24L * 60 * 60 * 1000;

  /** For each folder one, since many of these may stand over one folder. */
  private static final Map<Path, ReentrantLock> LOCKS = new ConcurrentHashMap<>();

  private final Path folder;
  private final long mostBytes;
  private final Clock clock;
  private final ReentrantLock lock;

  /**
   * Forms in a folder.
   *
   * @param folder where they are kept; made if it is not there
   * @param mostBytes what they may take of the disk; beyond it those go that were taken longest ago
   * @param clock tells when a form was taken
   */
  public DeployForms(Path folder, long mostBytes, Clock clock) {
    this.folder = folder;
    this.mostBytes = mostBytes;
    this.clock = clock;
    Path key = folder.toAbsolutePath().normalize();
    this.lock = LOCKS.computeIfAbsent(key, _ -> new ReentrantLock());
  }

  /**
   * A released decoder in a form, made now if it is not there.
   *
   * @param released the model in plain form; must not change meanwhile
   * @param form the form of its weights
   * @param capacity tokens of a text at most; {@link Long#MAX_VALUE} if that is not known
   * @return the decoder; its files stay for as long as they are mapped, even if another takes their
   *     place
   * @throws LatheException UNSUPPORTED, naming the node, if the model has no form with a cache;
   *     FILE if the disk is full or the folder cannot be written
   */
  public DeployedDecoder take(Path released, WeightForm form, long capacity) {
    Model plain = OnnxFile.read(released);
    CachedDecoder cached = CachedDecoder.of(plain, capacity);
    String name =
        ContentKey.of(released, plain) + "-" + form.name() + "-" + EDITION + "-" + cached.context();
    Path place = folder.resolve(name);
    lock.lock();
    try {
      CachedDecoder decoder = found(place).orElseGet(() -> made(cached, form, place));
      touch(place);
      bound(place);
      return new DeployedDecoder(place.resolve(MODEL), decoder, form);
    } finally {
      lock.unlock();
    }
  }

  /** A form that is there; what cannot be read is no form, and leaves. */
  private Optional<CachedDecoder> found(Path place) {
    if (!Files.exists(place)) {
      return Optional.empty();
    }
    try {
      return Optional.of(read(place));
    } catch (LatheException e) {
      LOG.log(Level.WARNING, "a form is damaged and made again: " + place.getFileName(), e);
      discard(place);
      return Optional.empty();
    }
  }

  private CachedDecoder made(CachedDecoder cached, WeightForm form, Path place) {
    make(cached, form, place);
    return read(place);
  }

  private static CachedDecoder read(Path place) {
    return CachedDecoder.read(OnnxFile.read(place.resolve(MODEL)));
  }

  /** Takes a form away: first out of its place at once, so that no half of it is ever there. */
  private void discard(Path place) {
    Path part = folder.resolve(UNFINISHED + UUID.randomUUID());
    Disk.attempt(
        "cache of forms",
        () -> {
          try {
            return Files.move(place, part, StandardCopyOption.ATOMIC_MOVE);
          } catch (NoSuchFileException e) {
            return part;
          }
        });
    Disk.delete(part);
  }

  /**
   * A released decoder in the form that is quickest on this machine for what is expected of it.
   *
   * @param released the model in plain form; must not change meanwhile
   * @param load what it is expected to do
   * @param threads threads that will compute
   * @return the decoder
   * @throws LatheException as for {@link #take(Path, WeightForm, long)}
   */
  public DeployedDecoder take(Path released, Load load, int threads) {
    Model cached = CachedDecoder.of(OnnxFile.read(released), load.longest()).model();
    return take(released, FormChoice.choose(cached, load, threads), load.longest());
  }

  private void make(CachedDecoder cached, WeightForm form, Path place) {
    Path part =
        Disk.attempt(
            "cache of forms",
            () -> {
              Files.createDirectories(folder);
              return Files.createTempDirectory(folder, UNFINISHED);
            });
    try {
      Scratch scratch = new Scratch(part);
      Model written = QuantizeWeights.apply(cached.model(), form, scratch);
      OnnxFile.write(
          written, part.resolve(MODEL), new ExternalData("weights.bin", EXTERNAL_FROM, ALIGNMENT));
      scratch.delete();
      Disk.attempt("cache of forms", () -> move(part, place));
    } finally {
      Disk.delete(part);
    }
  }

  /** Another process may have been quicker: its form is the same. */
  static Path move(Path part, Path place) throws IOException {
    try {
      return Files.move(part, place, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      if (Files.exists(place.resolve(MODEL))) {
        return place;
      }
      throw e;
    }
  }

  private void touch(Path place) {
    Disk.attempt(
        "cache of forms",
        () -> {
          try {
            return Files.setLastModifiedTime(place, FileTime.fromMillis(clock.millis()));
          } catch (NoSuchFileException e) {
            return place;
          }
        });
  }

  /** Lets go of forms taken longest ago, and of what a process that was killed left. */
  private void bound(Path kept) {
    List<Entry> forms = new ArrayList<>();
    long bytes = 0;
    for (Path path : entries()) {
      OptionalLong modified = Disk.modified(path);
      boolean part = path.getFileName().toString().startsWith(UNFINISHED);
      if (!part && modified.isPresent()) {
        Entry form = new Entry(path, modified.getAsLong(), Disk.size(path));
        forms.add(form);
        bytes += form.bytes();
      } else if (modified.orElse(Long.MAX_VALUE) < clock.millis() - GIVEN_UP_MILLIS) {
        Disk.delete(path);
      }
    }
    forms.sort(Comparator.comparingLong(Entry::modified));
    for (Entry form : forms) {
      if (bytes <= mostBytes) {
        return;
      }
      if (!form.path().equals(kept)) {
        bytes -= form.bytes();
        discard(form.path());
      }
    }
  }

  /** A form in the folder: when it was last taken, and its size. */
  private record Entry(Path path, long modified, long bytes) {}

  private List<Path> entries() {
    return Disk.attempt(
        "cache of forms",
        () -> {
          try (Stream<Path> all = Files.list(folder)) {
            return all.filter(Files::isDirectory).toList();
          }
        });
  }

  /** Weights on their way: each a mapped file. */
  private static final class Scratch implements WeightMemory {
    private final Path folder;
    private final List<Path> files = new ArrayList<>();

    Scratch(Path folder) {
      this.folder = folder;
    }

    @Override
    public MemorySegment allocate(long bytes) {
      Path file = folder.resolve("scratch" + files.size());
      files.add(file);
      return Disk.scratch(file, bytes);
    }

    void delete() {
      files.forEach(Disk::delete);
    }
  }
}
