package dev.lathe.server.jobs;

import dev.lathe.ir.LatheException;
import dev.lathe.server.JobResult;

/** What a job does. */
@FunctionalInterface
public interface JobWork {
  /**
   * Does the work from where it was left, to the end.
   *
   * @param context where the job lives and whom it tells
   * @return what it has made
   * @throws LatheException of kind CANCELLED when asked to stop; any other if it failed
   */
  JobResult run(JobContext context);
}
