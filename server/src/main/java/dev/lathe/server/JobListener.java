package dev.lathe.server;

/**
 * Hears what a job does. Methods must return soon; a slow listener loses old progress, not jobs.
 */
public interface JobListener {
  /** Hears nothing. */
  JobListener SILENT = progress -> {};

  /**
   * The job has an id and will run; called once, before anything else.
   *
   * @param job the job, queued or running
   */
  default void accepted(JobInfo job) {}

  /**
   * How far the job is.
   *
   * @param progress the newest state
   */
  void progress(JobProgress progress);

  /**
   * The job says something worth a line to a person.
   *
   * @param line one line of text
   */
  default void log(String line) {}
}
