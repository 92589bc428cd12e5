/**
 * The run itself: steps over swapping buffers, measuring, stopping, checkpoints.
 *
 * <p>Start at {@link dev.lathe.train.loop.TrainingLoop}. What a step changes is held by {@link
 * dev.lathe.train.loop.Stepper}, where the run stands by {@link dev.lathe.train.loop.Position};
 * both together are a {@link dev.lathe.train.loop.Checkpoint}.
 */
@NullMarked
package dev.lathe.train.loop;

import org.jspecify.annotations.NullMarked;
