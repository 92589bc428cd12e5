package dev.lathe.generate.deploy;

import dev.lathe.ir.Model;
import dev.lathe.onnx.ExternalData;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.transform.CachedDecoder;
import dev.lathe.transform.QuantizeWeights;
import dev.lathe.transform.WeightForm;
import dev.lathe.transform.WeightMemory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
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
  /** Grows whenever the same model would become another form. */
  private static final int EDITION = 2;

  private static final String MODEL = "model.onnx";
  private static final String UNFINISHED = ".part";
  private static final int ALIGNMENT = 4096;
  private static final long EXTERNAL_FROM = 1024;
  private static final long GIVEN_UP_MILLIS = 24L * 60 * 60 * 1000;

  private final Path folder;
  private final long mostBytes;
  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();

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
  }

  /**
   * A released decoder in a form, made now if it is not there.
   *
   * @param released the model in plain form; must not change meanwhile
   * @param form the form of its weights
   * @param capacity tokens of a text at most; {@link Long#MAX_VALUE} if that is not known
   * @return the decoder; its files stay for as long as they are mapped, even if another takes their
   *     place
   * @throws dev.lathe.ir.LatheException UNSUPPORTED, naming the node, if the model has no form with
   *     a cache; FILE if the disk is full or the folder cannot be written
   */
  public DeployedDecoder take(Path released, WeightForm form, long capacity) {
    Model plain = OnnxFile.read(released);
    CachedDecoder cached = CachedDecoder.of(plain, capacity);
    String name =
        ContentKey.of(released, plain) + "-" + form.name() + "-" + EDITION + "-" + cached.context();
    Path place = folder.resolve(name);
    lock.lock();
    try {
      if (!Files.exists(place.resolve(MODEL))) {
        make(cached, form, place);
      }
      touch(place);
      bound(place);
    } finally {
      lock.unlock();
    }
    Path file = place.resolve(MODEL);
    return new DeployedDecoder(file, CachedDecoder.read(OnnxFile.read(file)), form);
  }

  /**
   * A released decoder in the form that is quickest on this machine for what is expected of it.
   *
   * @param released the model in plain form; must not change meanwhile
   * @param load what it is expected to do
   * @param threads threads that will compute
   * @return the decoder
   * @throws dev.lathe.ir.LatheException as for {@link #take(Path, WeightForm, long)}
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
              return Files.createTempDirectory(folder, "form-" + UNFINISHED);
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
  private static Path move(Path part, Path place) throws IOException {
    try {
      return Files.move(part, place, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileAlreadyExistsException | java.nio.file.DirectoryNotEmptyException e) {
      return place;
    }
  }

  private void touch(Path place) {
    Disk.attempt(
        "cache of forms",
        () -> Files.setLastModifiedTime(place, FileTime.fromMillis(clock.millis())));
  }

  /** Lets go of forms taken longest ago, and of what a process that was killed left. */
  private void bound(Path kept) {
    List<Path> forms = new ArrayList<>();
    for (Path path : entries()) {
      boolean part = path.getFileName().toString().contains(UNFINISHED);
      if (!part) {
        forms.add(path);
      } else if (modified(path) < clock.millis() - GIVEN_UP_MILLIS) {
        Disk.delete(path);
      }
    }
    forms.sort(Comparator.comparingLong(DeployForms::modified));
    long bytes = forms.stream().mapToLong(Disk::size).sum();
    for (Path form : forms) {
      if (bytes <= mostBytes) {
        return;
      }
      if (!form.equals(kept)) {
        bytes -= Disk.size(form);
        Disk.delete(form);
      }
    }
  }

  private List<Path> entries() {
    return Disk.attempt(
        "cache of forms",
        () -> {
          try (Stream<Path> all = Files.list(folder)) {
            return all.filter(Files::isDirectory).toList();
          }
        });
  }

  private static long modified(Path path) {
    return Disk.attempt("cache of forms", () -> Files.getLastModifiedTime(path).toMillis());
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
