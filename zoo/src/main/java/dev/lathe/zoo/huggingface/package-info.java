/**
 * Models of others, read as Hugging Face's libraries write them: {@code config.json} says the
 * architecture, safetensors hold the weights, and a table of families says how both become a graph.
 *
 * <p>Start at {@link dev.lathe.zoo.huggingface.Checkpoint}. A family is a line of {@link
 * dev.lathe.zoo.huggingface.Families}: it reads the config into a {@link
 * dev.lathe.zoo.huggingface.Plan}, and the plan draws the graph in a {@link
 * dev.lathe.zoo.huggingface.Draft}. Nothing is passed over in silence: a field of the config or a
 * tensor of the weights that nobody asked for is refused by name, unless the table of {@link
 * dev.lathe.zoo.huggingface.Inert} says that it changes no number.
 *
 * <p>Letters: N batch, T tokens, V vocabulary, H heads, D features of a head.
 */
@NullMarked
package dev.lathe.zoo.huggingface;

import org.jspecify.annotations.NullMarked;
