package dev.lathe.server.jobs;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** All jobs of a data directory, one folder each. */
final class JobStore {
  /** Ids are folder names, so nothing else may be one. They sort by time of creation. */
  private static final Pattern ID = Pattern.compile("[0-9]{8}-[0-9]{6}-[0-9a-f]{6}");

  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final int ATTEMPTS = 100;

  private final Path root;
  private final RandomGenerator random;

  JobStore(Path root, RandomGenerator random) {
    this.root = root;
    this.random = random;
  }

  /** Makes an empty folder with a new id. */
  JobFolder create(Instant now) {
    try {
      Files.createDirectories(root);
      for (int i = 0; i < ATTEMPTS; i++) {
        String suffix = HexFormat.of().toHexDigits(random.nextInt(1 << 24), 6);
        Path folder = root.resolve(STAMP.format(now) + "-" + suffix);
        if (isNew(folder)) {
          return new JobFolder(folder);
        }
      }
    } catch (IOException e) {
      throw new LatheException(
          ServerError.JOB_STORAGE, "jobs: cannot create a folder: " + e.getMessage(), e);
    }
    throw new LatheException(ServerError.JOB_STORAGE, "jobs: no free id in " + root);
  }

  /** A job's folder; NOT_FOUND for what is no id or has no folder. */
  JobFolder open(String id) {
    Path folder = root.resolve(ID.matcher(id).matches() ? id : "unknown");
    if (!ID.matcher(id).matches() || !Files.isDirectory(folder)) {
      String shown = id.length() > 40 ? id.substring(0, 40) + "…" : id;
      throw new LatheException(ServerError.UNKNOWN_JOB, "job \"" + shown + "\": there is none");
    }
    return new JobFolder(folder);
  }

  /** The newest jobs' folders, the newest first. */
  List<JobFolder> newest(int limit) {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(root)) {
      return folders
          .filter(folder -> ID.matcher(folder.getFileName().toString()).matches())
          .sorted(Comparator.reverseOrder())
          .limit(limit)
          .map(JobFolder::new)
          .toList();
    } catch (IOException e) {
      throw new LatheException(ServerError.JOB_STORAGE, "jobs: cannot list: " + e.getMessage(), e);
    }
  }

  /** When a job was made, as its id says. */
  static Instant created(JobFolder folder) {
    try {
      return STAMP.parse(folder.path().getFileName().toString().substring(0, 15), Instant::from);
    } catch (DateTimeException e) {
      return Instant.EPOCH;
    }
  }

  private static boolean isNew(Path folder) throws IOException {
    try {
      Files.createDirectory(folder);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    }
  }
}
