/**
 * Who may do what: keys, tokens and certificates become a {@link dev.lathe.server.access.Caller},
 * and a caller has scopes. Start at {@link dev.lathe.server.access.Access}.
 *
 * <p>Not here: the protocols ({@code dev.lathe.server}'s {@code Guard} stands before HTTP's
 * routes).
 *
 * <p>Words: a <em>scope</em> is a right over models, {@code infer:demo/*}; a <em>credential</em> is
 * what a caller sends.
 */
@NullMarked
package dev.lathe.server.access;

import org.jspecify.annotations.NullMarked;
