/**
 * How graphs are written down: nodes, constants, sizes.
 *
 * <p>Start at {@link dev.lathe.zoo.graph.Nodes}. Not here: parameters with fresh weights ({@code
 * dev.lathe.zoo.Net}) or with weights of others ({@code dev.lathe.zoo.huggingface}).
 */
@NullMarked
package dev.lathe.zoo.graph;

import org.jspecify.annotations.NullMarked;
