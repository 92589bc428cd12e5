/**
 * Many requests in a file, answered in the background into another. Start at {@link
 * dev.lathe.server.batches.Batches}.
 *
 * <p>A line is a request, with a {@code custom_id} of its own; a batch is all lines of a file. What
 * a batch has answered is on the disk after each line, so that it goes on after the process has
 * died. Not here: HTTP and what a line may ask ({@code server.openai}), and the files ({@code
 * server.files}).
 */
@NullMarked
package dev.lathe.server.batches;

import org.jspecify.annotations.NullMarked;
