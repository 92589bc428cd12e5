/**
 * The verbs from a terminal: options in, tables or JSON out, an exit code at the end.
 *
 * <p>Start at {@link dev.lathe.cli.Main}. One class per verb, each ending in {@code Command}; what
 * they share is {@link dev.lathe.cli.Place} (where the data is), {@link dev.lathe.cli.text.Screen}
 * (what the terminal can show) and {@link dev.lathe.cli.Failures} (the way out).
 *
 * <p>Not here: the verbs themselves ({@code dev.lathe.server.Lathe}) and the server behind {@code
 * serve} ({@code dev.lathe.server.LatheServer}).
 */
@NullMarked
package dev.lathe.cli;

import org.jspecify.annotations.NullMarked;
