/**
 * Speed and memory, against peers, in one interleaved run.
 *
 * <p>Start at {@link dev.lathe.benchmarks.Benchmarks}. Machines are shared and noisy: what counts
 * is the ratio of neighbours in an A B A B run. Not here: tests; each benchmark has a smoke run
 * there so that it cannot rot.
 */
@NullMarked
package dev.lathe.benchmarks;

import org.jspecify.annotations.NullMarked;
