/**
 * From what people have (JSON, CSV, a picture) to the tensors that a model takes.
 *
 * <p>Start at {@link dev.lathe.cli.input.Inputs}.
 */
@NullMarked
package dev.lathe.cli.input;

import org.jspecify.annotations.NullMarked;
