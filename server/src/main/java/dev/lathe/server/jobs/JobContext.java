package dev.lathe.server.jobs;

import dev.lathe.server.JobProgress;
import dev.lathe.server.RecipeSource;
import dev.lathe.train.CancelToken;
import java.nio.file.Path;

/** A job, as its work sees it. */
public interface JobContext {
  /**
   * The job's name.
   *
   * @return its id
   */
  String id();

  /**
   * What to do.
   *
   * @return the recipe
   */
  RecipeSource recipe();

  /**
   * Where the work keeps its state between attempts.
   *
   * @return a directory of the job's own, which need not exist yet
   */
  Path runDirectory();

  /**
   * Whether to stop.
   *
   * @return set when the work should stop
   */
  CancelToken cancel();

  /**
   * Tells how far the work is. Returns at once, whoever listens.
   *
   * @param progress the newest state
   */
  void progress(JobProgress progress);

  /**
   * Tells something worth a line. Returns at once, whoever listens.
   *
   * @param line one line of text
   */
  void log(String line);
}
