/**
 * The protobuf wire format: tags, varints and runs of bytes over memory of any size.
 *
 * <p>Start at {@link dev.lathe.onnx.wire.WireReader}. Nothing here knows ONNX.
 */
@NullMarked
package dev.lathe.onnx.wire;

import org.jspecify.annotations.NullMarked;
