/**
 * Learn: recipes, data, the trainer.
 *
 * <p>Start at {@link dev.lathe.train.TrainingRun}, which runs a {@link dev.lathe.train.Recipe}. A
 * recipe is YAML or Java; data comes from files, from drawn digits, or from memory.
 *
 * <p>Not here: gradients and optimizers as graphs ({@code dev.lathe.transform}), networks ({@code
 * dev.lathe.zoo}), what becomes of a result ({@code dev.lathe.registry}).
 *
 * <p>Words: a <em>step</em> is one update of the weights by one batch; an <em>epoch</em> sees every
 * training example once; a <em>run</em> is a recipe being followed. Axes: N examples, K outputs.
 */
@NullMarked
package dev.lathe.train;

import org.jspecify.annotations.NullMarked;
