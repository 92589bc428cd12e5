/**
 * ONNX's messages to the model and back, one reader and one writer for each kind of message.
 *
 * <p>Start at {@link dev.lathe.onnx.codec.ModelReader}. Field numbers are those of {@code
 * onnx.proto}, in {@link dev.lathe.onnx.codec.Fields}. Fields without a place in the model are kept
 * in notes: a thing's own in its extras, those of its parts under a key such as {@code
 * attribute/axis}.
 *
 * <p>Not here: the wire format ({@code dev.lathe.onnx.wire}), files ({@code dev.lathe.onnx.file}).
 */
@NullMarked
package dev.lathe.onnx.codec;

import org.jspecify.annotations.NullMarked;
