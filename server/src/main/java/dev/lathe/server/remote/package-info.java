/**
 * The verbs' other end of the wire: an HTTP client of {@code /api/v1}. Start at {@link
 * dev.lathe.server.remote.ApiClient}.
 *
 * <p>Not here: the verbs themselves ({@link dev.lathe.server.Lathe#connect}).
 */
@NullMarked
package dev.lathe.server.remote;

import org.jspecify.annotations.NullMarked;
