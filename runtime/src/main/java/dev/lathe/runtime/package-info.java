/**
 * Run a graph: sessions on ONNX Runtime, and a slow, readable interpreter in double precision that
 * is the oracle of every rule.
 *
 * <p>Not here: keeping models loaded for many callers ({@code dev.lathe.serve}).
 */
@NullMarked
package dev.lathe.runtime;

import org.jspecify.annotations.NullMarked;
