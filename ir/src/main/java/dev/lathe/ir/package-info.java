/**
 * The model as data: graph, node, tensor, type; and the kinds of error that every room shares.
 *
 * <p>Start at {@link dev.lathe.ir.Model}. Everything here is immutable; a change makes a new value
 * and shares what did not change. Weights are off-heap segments held by reference, little-endian,
 * row-major, sub-byte types packed low bits first, as ONNX lays them out.
 *
 * <p>Not here: bytes and files ({@code dev.lathe.onnx}), changes to a graph ({@code
 * dev.lathe.transform}), running it ({@code dev.lathe.runtime}).
 *
 * <p>Words: a <em>value</em> is a named edge of the graph; an <em>initializer</em> is a value with
 * constant data; a <em>symbol</em> is a dimension known by name only.
 */
@NullMarked
package dev.lathe.ir;

import org.jspecify.annotations.NullMarked;
