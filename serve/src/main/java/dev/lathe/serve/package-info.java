/**
 * Keep models loaded; answer many callers at once.
 *
 * <p>Not here: the protocols that callers speak ({@code dev.lathe.server}).
 */
@NullMarked
package dev.lathe.serve;

import org.jspecify.annotations.NullMarked;
