package dev.lathe.server.jobs;

import java.io.IOException;
import java.nio.file.Path;

/** Puts files into a job's folder before it is a job. */
@FunctionalInterface
public interface Luggage {
  /** The folder within a job's own whose content goes once the job has succeeded. */
  String DATA = "data";

  /**
   * Writes the files.
   *
   * @param folder the job's folder, empty
   * @throws IOException if they cannot be written
   */
  void into(Path folder) throws IOException;
}
