package dev.lathe.server.jobs;

import dev.lathe.server.JobInfo;
import dev.lathe.server.JobProgress;

/** Something that happened to a job. */
public sealed interface JobEvent {
  /**
   * The job waits or begins.
   *
   * @param job as it is now
   */
  record State(JobInfo job) implements JobEvent {}

  /**
   * The job is further on.
   *
   * @param progress how far
   */
  record Progress(JobProgress progress) implements JobEvent {}

  /**
   * The job says something.
   *
   * @param line one line of text
   */
  record Log(String line) implements JobEvent {}

  /**
   * The job has ended; nothing follows.
   *
   * @param job as it ended
   */
  record Done(JobInfo job) implements JobEvent {}

  /**
   * An event at its place.
   *
   * @param number its place in the attempt, from 1
   * @param event what happened
   */
  record Numbered(long number, JobEvent event) {}
}
