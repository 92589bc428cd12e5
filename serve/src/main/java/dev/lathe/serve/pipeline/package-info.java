/**
 * The built-in steps of pipelines: tensors in, tensors out, no state. Private to the room. Start at
 * {@link dev.lathe.serve.pipeline.BuiltInStep}; what steps there are and what can be set is the
 * table {@link dev.lathe.registry.StepKind}.
 *
 * <p>N: rows, the images or texts of a request. K: classes. C, H, W: channels, rows and columns of
 * an image. L: tokens of a text.
 */
@NullMarked
package dev.lathe.serve.pipeline;

import org.jspecify.annotations.NullMarked;
