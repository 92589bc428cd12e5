/**
 * Doors over the verbs: HTTP, jobs, the console; and the verbs themselves for Java callers.
 *
 * <p>Start at {@link dev.lathe.server.LatheServer}; a protocol is one {@link
 * dev.lathe.server.Door}, and every failure leaves through {@link dev.lathe.server.ErrorMapping}.
 *
 * <p>Not here: the terminal ({@code dev.lathe.cli}).
 */
@NullMarked
package dev.lathe.server;

import org.jspecify.annotations.NullMarked;
