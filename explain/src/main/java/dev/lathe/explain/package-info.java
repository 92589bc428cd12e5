/**
 * Why a model answered so: what each number of an input added to the answer.
 *
 * <p>Start at {@link dev.lathe.explain.Explainer}. <em>Target</em>: the element of the output that
 * is explained, a class's score. <em>Baseline</em>: the input that counts as "nothing there".
 * <em>Attribution</em>: what an element of the input added to the target, beside the baseline.
 *
 * <p>N rows, K classes, S steps.
 *
 * <p>Not here: gradients themselves ({@code dev.lathe.transform}).
 */
@NullMarked
package dev.lathe.explain;

import org.jspecify.annotations.NullMarked;
