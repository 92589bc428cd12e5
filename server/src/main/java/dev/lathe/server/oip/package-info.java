/**
 * The Open Inference Protocol, version 2, over REST, with Triton's extensions, and the prediction
 * call of KServe's first protocol: bytes to tensors and back, the routes.
 *
 * <p>Start at {@link dev.lathe.server.oip.InferenceDoor}. Numbers go from the body's bytes straight
 * into off-heap memory, and from there into the answer's bytes. Integers are exact in both
 * directions, UINT64 included; FP16 and BF16 are numbers, rounded to nearest, ties to even. JSON
 * has no NaN and no infinities: on the way in they are refused, on the way out they are the strings
 * {@code "NaN"}, {@code "Infinity"} and {@code "-Infinity"}, as in the JSON form of Protocol
 * Buffers. Binary tensors are bit for bit what they are.
 *
 * <p>Not here: what all protocols share ({@code dev.lathe.server.infer}); which model answers and
 * when ({@code dev.lathe.serve}).
 */
@NullMarked
package dev.lathe.server.oip;

import org.jspecify.annotations.NullMarked;
