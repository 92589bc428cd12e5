/**
 * The OpenAI API over text models: chat, completions, tokens.
 *
 * <p>Start at {@link dev.lathe.server.openai.OpenAiDoor}. The words are those of the API: a request
 * has messages or prompts, an answer has choices. Not here: the list of models, which KServe's
 * first protocol has at the same path ({@code server.oip}), and the engine (room {@code generate}).
 *
 * @see <a href="https://platform.openai.com/docs/api-reference">OpenAI API reference</a>
 */
@NullMarked
package dev.lathe.server.openai;

import org.jspecify.annotations.NullMarked;
