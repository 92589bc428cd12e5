/**
 * Learn: recipes, data, the trainer, checkpoints.
 *
 * <p>Not here: gradients ({@code dev.lathe.transform}), releasing what was learned ({@code
 * dev.lathe.registry}).
 */
@NullMarked
package dev.lathe.train;

import org.jspecify.annotations.NullMarked;
