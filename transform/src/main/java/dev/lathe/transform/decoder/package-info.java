/**
 * The parts of {@link dev.lathe.transform.CachedDecoder}: what each value of a decoder depends on,
 * and how attention over whole sequences becomes attention over a cache.
 *
 * <p>Axes: N sequences and T tokens of the plain form; B rows and S new tokens of the cached form;
 * H heads, D features of a head, R rows of logits.
 */
@NullMarked
package dev.lathe.transform.decoder;

import org.jspecify.annotations.NullMarked;
