/**
 * Architectures as graphs: linear, MLP, CNN, with seeded initializers.
 *
 * <p>Start at {@link dev.lathe.zoo.Architecture}. Letters: N batch, C channels, H rows, W columns.
 *
 * <p>Not here: learning their weights ({@code dev.lathe.train}).
 */
@NullMarked
package dev.lathe.zoo;

import org.jspecify.annotations.NullMarked;
