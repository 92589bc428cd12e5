/**
 * What every inference protocol does between its own reading and writing: find the model, compare
 * datatypes, run, turn scores into classes.
 *
 * <p>Start at {@link dev.lathe.server.infer.Inference}. Errors are {@code LatheException}s with
 * messages in the Open Inference Protocol's words, whichever protocol asks.
 *
 * <p>Not here: the protocols themselves ({@code dev.lathe.server.oip}, {@code
 * dev.lathe.server.grpc}); loading and queues ({@code dev.lathe.serve}).
 */
@NullMarked
package dev.lathe.server.infer;

import org.jspecify.annotations.NullMarked;
