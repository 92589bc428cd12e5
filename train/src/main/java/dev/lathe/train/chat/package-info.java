/**
 * Conversations, questions with answers and plain texts, line by line from a file, as the tokens
 * that a language model learns from.
 *
 * <p>Start at {@link dev.lathe.train.chat.ChatFile} for the file, {@link
 * dev.lathe.train.chat.ChatTokens} for the tokens. Not here: batches of them ({@code
 * dev.lathe.train.data}), templates and tokenizers themselves ({@code dev.lathe.prepare}).
 */
@NullMarked
package dev.lathe.train.chat;

import org.jspecify.annotations.NullMarked;
