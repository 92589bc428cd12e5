/**
 * One model in, another model out: shapes, clean-up, differentiation, losses, optimizers.
 *
 * <p>Not here: running a graph ({@code dev.lathe.runtime}), the loop over data ({@code
 * dev.lathe.train}).
 */
@NullMarked
package dev.lathe.transform;

import org.jspecify.annotations.NullMarked;
