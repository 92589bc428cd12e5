/**
 * The format of llama.cpp's files: metadata, then tensors in blocks. Start at {@link
 * dev.lathe.onnx.gguf.GgufReader}; {@link dev.lathe.onnx.gguf.BlockType} knows how blocks hold
 * numbers.
 */
@NullMarked
package dev.lathe.onnx.gguf;

import org.jspecify.annotations.NullMarked;
