/**
 * From scores to a token: penalties, masks, truncation, draws, probabilities told. Everything works
 * in arrays that are made once, and nothing depends on what other requests do.
 */
@NullMarked
package dev.lathe.generate.sample;

import org.jspecify.annotations.NullMarked;
