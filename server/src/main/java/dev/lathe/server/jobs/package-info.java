/**
 * Recipes being run: a bounded queue, one worker, a folder on disk for each job. Start at {@link
 * dev.lathe.server.jobs.Jobs}.
 *
 * <p>Not here: what a job does ({@link dev.lathe.server.jobs.TrainingWork} calls the rooms that
 * know), HTTP.
 */
@NullMarked
package dev.lathe.server.jobs;

import org.jspecify.annotations.NullMarked;
