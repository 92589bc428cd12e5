/**
 * Load on a model, and what it answers under it.
 *
 * <p>Start at {@link dev.lathe.cli.load.Load}. <em>Caller</em>: a thread that asks again as soon as
 * it has its answer (closed loop).
 *
 * <p>Not here: figures of the project against others ({@code benchmarks}).
 */
@NullMarked
package dev.lathe.cli.load;

import org.jspecify.annotations.NullMarked;
