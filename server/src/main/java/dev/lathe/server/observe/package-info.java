/**
 * What can be seen of the server from outside: traces of requests, the access log, settings of both
 * and of the log, and what a probe may ask.
 *
 * <p>Start at {@link dev.lathe.server.observe.Observed}: one request as it is seen, bound to the
 * thread that answers it. <em>Trace</em>: where one request's time went.
 *
 * <p>Not here: what versions have done altogether ({@code dev.lathe.serve.ModelStatistics}), and
 * the routes that show it ({@code dev.lathe.server.oip}).
 */
@NullMarked
package dev.lathe.server.observe;

import org.jspecify.annotations.NullMarked;
