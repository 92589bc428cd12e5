/**
 * Text as whole numbers and back: the vocabularies that a language model is trained with and that
 * travel with it as {@code tokenizer.json}.
 *
 * <p>Private to the room. Start at {@link dev.lathe.train.text.Vocabulary}.
 */
@NullMarked
package dev.lathe.train.text;

import org.jspecify.annotations.NullMarked;
