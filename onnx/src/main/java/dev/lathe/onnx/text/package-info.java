/**
 * The text form of a model.
 *
 * <p>Start at {@link dev.lathe.onnx.text.ModelText}.
 */
@NullMarked
package dev.lathe.onnx.text;

import org.jspecify.annotations.NullMarked;
