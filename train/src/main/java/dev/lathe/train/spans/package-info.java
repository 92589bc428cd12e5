/**
 * Answering questions with a model that was trained for it, and judging the answers.
 *
 * <p>Private to the room. Start at {@link dev.lathe.train.spans.SpanReader}. Not here: how
 * questions become windows ({@code dev.lathe.train.data}), the search for spans, which the server
 * shares ({@code dev.lathe.prepare}).
 */
@NullMarked
package dev.lathe.train.spans;

import org.jspecify.annotations.NullMarked;
