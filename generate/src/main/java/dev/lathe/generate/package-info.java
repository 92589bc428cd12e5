/**
 * Prompts to text: tokens, slots of one cache, sampling, constraints on what is said.
 *
 * <p>Start at {@link dev.lathe.generate.TextModel}, which takes a {@link
 * dev.lathe.generate.GenerateRequest} and gives a {@link dev.lathe.generate.TextStream}; {@link
 * dev.lathe.generate.TextOptions} say how it shares the machine.
 *
 * <p>What is not here: tokenizers and chat templates (room {@code prepare}), graphs and their
 * import (room {@code zoo}), the deploy form of a decoder (room {@code transform}), the OpenAI API
 * (room {@code server}).
 *
 * <p>Axis letters: B rows of a batch, S new tokens of a row, V vocabulary, C capacity of a slot, D
 * features of a head.
 */
@NullMarked
package dev.lathe.generate;

import org.jspecify.annotations.NullMarked;
