/**
 * Raw pictures and texts to numbers, the same in training and in serving.
 *
 * <p>Start at {@link dev.lathe.prepare.Picture} for PNG and JPEG files, {@link
 * dev.lathe.prepare.Tokens} for texts as rows of numbers, {@link dev.lathe.prepare.Tokenizer} for
 * tokens back to text, whole or one at a time, {@link dev.lathe.prepare.ChatTemplate} for
 * conversations as text. An image is numbers of 0 to 255, [C, H, W]: C channels (1 grey, or 3 red,
 * green, blue), H rows, W columns.
 *
 * <p>Not here: vocabularies being learned and folders of images ({@code dev.lathe.train}), the
 * steps of a pipeline that use this ({@code dev.lathe.serve}).
 */
@NullMarked
package dev.lathe.prepare;

import org.jspecify.annotations.NullMarked;
