/**
 * Files: mapped for reading, replaced at once when written, and weights beside a model's file.
 *
 * <p>Start at {@link dev.lathe.onnx.file.MappedFile}. Nothing here knows what the bytes mean.
 */
@NullMarked
package dev.lathe.onnx.file;

import org.jspecify.annotations.NullMarked;
