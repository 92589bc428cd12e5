/**
 * How close translations come to references, as the field reports it.
 *
 * <p>Private to the room. Start at {@link dev.lathe.train.bleu.Bleu}. Not here: translating ({@code
 * dev.lathe.train.translation}).
 */
@NullMarked
package dev.lathe.train.bleu;

import org.jspecify.annotations.NullMarked;
