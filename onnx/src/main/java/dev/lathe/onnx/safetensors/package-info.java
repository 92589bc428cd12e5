/**
 * The header of a safetensors file: which tensor lies where.
 *
 * <p>Start at {@link dev.lathe.onnx.safetensors.HeaderReader}.
 */
@NullMarked
package dev.lathe.onnx.safetensors;

import org.jspecify.annotations.NullMarked;
