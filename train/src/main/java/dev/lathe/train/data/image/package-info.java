/**
 * Images: folders of PNG and JPEG files as examples, and what is done to images at random.
 *
 * <p>Start at {@link dev.lathe.train.data.image.ImageFolder}, which lists a folder of classes, and
 * {@link dev.lathe.train.data.image.AugmentedPart}, which changes images of any part by the seed.
 * Reading a file to a shape is {@link dev.lathe.prepare.Picture}.
 *
 * <p>An image is numbers of 0 to 255, [C, H, W]: C channels (1 grey, or 3 red, green, blue), H
 * rows, W columns.
 */
@NullMarked
package dev.lathe.train.data.image;

import org.jspecify.annotations.NullMarked;
