/**
 * What models of texts are asked in plain words: translations, answers, classes, orders, vectors.
 *
 * <p>Private to the room. Start at {@link dev.lathe.server.tasks.TextTasks}. What is not here: the
 * records of questions and answers and their JSON form ({@code dev.lathe.server}), how targets are
 * searched for ({@code dev.lathe.generate}), how requests share a model ({@code dev.lathe.serve}).
 *
 * <p>Letters: N texts, L tokens of the longest, K classes, D features.
 */
@NullMarked
package dev.lathe.server.tasks;

import org.jspecify.annotations.NullMarked;
