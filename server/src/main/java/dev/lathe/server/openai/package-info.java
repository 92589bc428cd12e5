/**
 * The OpenAI API over text models, with files, batches and responses that are kept; and Anthropic's
 * messages over the same.
 *
 * <p>Start at {@link dev.lathe.server.openai.OpenAiDoor}. The words are those of the API: a request
 * has messages or prompts, an answer has choices. Not here: the list of models, which KServe's
 * first protocol has at the same path ({@code server.oip}), where files lie ({@code server.files}),
 * how batches go on ({@code server.batches}), and the engine (room {@code generate}).
 *
 * @see <a href="https://platform.openai.com/docs/api-reference">OpenAI API reference</a>
 */
@NullMarked
package dev.lathe.server.openai;

import org.jspecify.annotations.NullMarked;
