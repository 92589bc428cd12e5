/**
 * Run a graph: sessions on ONNX Runtime, and a slow, readable interpreter in double precision that
 * is the oracle of every rule.
 *
 * <p>Start at {@link dev.lathe.runtime.Session}; for steps that repeat over the same memory, at
 * {@link dev.lathe.runtime.Binding}; for the oracle, at {@link dev.lathe.runtime.Interpreter}.
 * {@code Engine} is the only class that obtains ONNX Runtime's environment, after telemetry is off.
 *
 * <p>Not here: keeping models loaded for many callers ({@code dev.lathe.serve}).
 */
@NullMarked
package dev.lathe.runtime;

import org.jspecify.annotations.NullMarked;
