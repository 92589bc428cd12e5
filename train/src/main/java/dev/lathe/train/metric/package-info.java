/**
 * Metrics: numbers that say how good predictions are, summed up batch by batch.
 *
 * <p>Start at {@link dev.lathe.train.metric.Metric}, the table of all that there are. A {@link
 * dev.lathe.train.metric.Scoring} holds those that a run was asked for. Each of them is what
 * scikit-learn has under the same words, unless its entry says otherwise.
 *
 * <p>Words: a <em>place</em> is where one class is predicted: an example, or a token of one; places
 * whose target is negative or ignored count nowhere. Axes: N examples, P places, K classes or
 * outputs.
 */
@NullMarked
package dev.lathe.train.metric;

import org.jspecify.annotations.NullMarked;
