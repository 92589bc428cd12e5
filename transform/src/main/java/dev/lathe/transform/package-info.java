/**
 * One model in, another model out: shapes, clean-up, differentiation, losses, optimizers.
 *
 * <p>Start at {@link dev.lathe.transform.TrainingGraphs}, which makes a step graph and an
 * evaluation graph from a forward model; {@link dev.lathe.transform.InferShapes} and {@link
 * dev.lathe.transform.Differentiate} are what it stands on. What is known about single operators
 * lies in two tables, {@code shape.ShapeRules} and {@code gradient.GradientRules}. {@link
 * dev.lathe.transform.InsertAdapters} puts low-rank adapters beside weights. {@link
 * dev.lathe.transform.CachedDecoder} gives a decoder a cache, for generation; {@link
 * dev.lathe.transform.CachedTransducer} does so beside an encoder, and {@link
 * dev.lathe.transform.QuantizeWeights} holds weights in few bits.
 *
 * <p>Not here: running a graph ({@code dev.lathe.runtime}), the loop over data ({@code
 * dev.lathe.train}).
 *
 * <p>Words: a <em>cotangent</em> is the gradient of the loss by a value; a <em>slot</em> is a value
 * that a step reads and replaces. Axes: N examples of a batch, C channels in, M channels out, H and
 * W space, K classes.
 */
@NullMarked
package dev.lathe.transform;

import org.jspecify.annotations.NullMarked;
