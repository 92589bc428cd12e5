/**
 * Differentiation: a table of rules, {@link dev.lathe.transform.gradient.GradientRules}, and a
 * short reverse walk, {@link dev.lathe.transform.gradient.Backward}, over a graph that grows in a
 * {@link dev.lathe.transform.gradient.Draft}.
 *
 * <p>Private to the room. Start at {@code Backward}.
 */
@NullMarked
package dev.lathe.transform.gradient;

import org.jspecify.annotations.NullMarked;
