/**
 * Architectures as graphs: linear, MLP, CNN, with seeded initializers.
 *
 * <p>Not here: learning their weights ({@code dev.lathe.train}).
 */
@NullMarked
package dev.lathe.zoo;

import org.jspecify.annotations.NullMarked;
