/**
 * Architectures as graphs with seeded weights: from a linear layer to encoders and decoders over
 * tokens.
 *
 * <p>Start at {@link dev.lathe.zoo.Architecture}, or at {@link dev.lathe.zoo.HuggingFace} for
 * models that others trained. Letters: N batch; C channels, H rows, W columns of images; T tokens,
 * H heads, d features of a head where tokens attend.
 *
 * <p>Not here: learning their weights ({@code dev.lathe.train}).
 */
@NullMarked
package dev.lathe.zoo;

import org.jspecify.annotations.NullMarked;
