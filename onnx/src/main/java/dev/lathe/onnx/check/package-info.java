/**
 * The rules of ONNX that a model must keep.
 *
 * <p>Start at {@link dev.lathe.onnx.check.ModelCheck}. What is known of each operator is a table,
 * {@code operators.tsv}; a new version of ONNX adds lines to it.
 *
 * <p>Not here: shapes and element types along the graph ({@code dev.lathe.transform}).
 */
@NullMarked
package dev.lathe.onnx.check;

import org.jspecify.annotations.NullMarked;
