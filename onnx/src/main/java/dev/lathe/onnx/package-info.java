/**
 * Bytes to graph and back: ONNX files, their external data, safetensors, and a text form for
 * people.
 *
 * <p>Start at {@link dev.lathe.onnx.OnnxFile}; then {@link dev.lathe.onnx.Checker}, {@link
 * dev.lathe.onnx.OnnxText} and {@link dev.lathe.onnx.Safetensors}.
 *
 * <p>Not here: the model itself ({@code dev.lathe.ir}), running it ({@code dev.lathe.runtime}).
 */
@NullMarked
package dev.lathe.onnx;

import org.jspecify.annotations.NullMarked;
