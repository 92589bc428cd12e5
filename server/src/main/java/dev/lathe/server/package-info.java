/**
 * Doors over the verbs: HTTP, jobs, the console; and the verbs themselves for Java callers.
 *
 * <p>Not here: the terminal ({@code dev.lathe.cli}).
 */
@NullMarked
package dev.lathe.server;

import org.jspecify.annotations.NullMarked;
