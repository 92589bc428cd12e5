/**
 * Keep models loaded; answer many callers at once.
 *
 * <p>Start at {@link dev.lathe.serve.Deployments}: it gives a lease on a loaded model, which
 * answers requests. <em>Row</em>: one example, an index of the batch axis. <em>Caller</em>: whoever
 * takes turns in a queue.
 *
 * <p>Not here: the protocols that callers speak ({@code dev.lathe.server}).
 */
@NullMarked
package dev.lathe.serve;

import org.jspecify.annotations.NullMarked;
