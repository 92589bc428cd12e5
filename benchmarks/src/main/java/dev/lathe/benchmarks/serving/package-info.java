/**
 * What serving costs, and how it behaves under load that hurts.
 *
 * <p>Start at {@link dev.lathe.benchmarks.serving.Serve}. Servers are processes of their own,
 * pinned to one core; the load comes from the other. CPU time is the server's own, from {@code
 * /proc}. The word <em>side</em> means one of the things that are measured in turn. Not here: tests
 * of what the server answers.
 */
@NullMarked
package dev.lathe.benchmarks.serving;

import org.jspecify.annotations.NullMarked;
