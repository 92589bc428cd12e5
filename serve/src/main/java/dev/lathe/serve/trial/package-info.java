/**
 * What a version on trial is judged by: counts of a sliding time, latencies, shares with their
 * bounds, and the comparison of two answers. No threads, no models.
 *
 * <p>Start at {@link dev.lathe.serve.trial.Judgement}.
 */
@NullMarked
package dev.lathe.serve.trial;

import org.jspecify.annotations.NullMarked;
