/**
 * Curves: what was measured, written where people look at it.
 *
 * <p>Start at {@link dev.lathe.train.curves.EventFile}, which TensorBoard reads.
 */
@NullMarked
package dev.lathe.train.curves;

import org.jspecify.annotations.NullMarked;
