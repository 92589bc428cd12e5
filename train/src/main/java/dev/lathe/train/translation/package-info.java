/**
 * Writing translations with a model that was trained for it.
 *
 * <p>Private to the room. Start at {@link dev.lathe.train.translation.Translator}. Not here:
 * judging them ({@code dev.lathe.train.bleu}), the vocabulary ({@code dev.lathe.train.text}).
 */
@NullMarked
package dev.lathe.train.translation;

import org.jspecify.annotations.NullMarked;
