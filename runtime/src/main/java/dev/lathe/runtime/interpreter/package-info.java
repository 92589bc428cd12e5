/**
 * The operators of the reference interpreter, as tables by family: {@code Elementwise}, {@code
 * Movement}, {@code Cutting}, {@code Making}, {@code Reducing}, {@code Matrix}, {@code
 * Convolution}, {@code Pooling}, {@code Normalizing}, {@code Indexing}, {@code Converting}. Start
 * at {@link dev.lathe.runtime.interpreter.Kernels}.
 *
 * <p>Written to be read against the ONNX specification, not to be fast: floating values are doubles
 * whatever their type, integers are longs and wrap at their type's width, and everything that only
 * moves elements is a list of places to take them from.
 *
 * <p>Letters: N batch, C channels of the input, M channels of the output, K places of a window.
 */
@NullMarked
package dev.lathe.runtime.interpreter;

import org.jspecify.annotations.NullMarked;
