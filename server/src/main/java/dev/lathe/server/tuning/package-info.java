/**
 * Jobs that train a language model further on a caller's file, as OpenAI's API asks for them.
 *
 * <p>Start at {@link dev.lathe.server.tuning.Tunings}. Not here: the routes ({@code
 * dev.lathe.server.openai}), the queue ({@code dev.lathe.server.jobs}), the training itself ({@code
 * dev.lathe.train}).
 */
@NullMarked
package dev.lathe.server.tuning;

import org.jspecify.annotations.NullMarked;
