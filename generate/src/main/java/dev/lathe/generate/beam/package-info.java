/**
 * Search for the best target of a source: greedily, or over several beams.
 *
 * <p>Private to the room. Start at {@link dev.lathe.generate.beam.Search}. Letters: R lines whose
 * next token is wanted, V vocabulary.
 */
@NullMarked
package dev.lathe.generate.beam;

import org.jspecify.annotations.NullMarked;
