/**
 * A file of examples in, a file of predictions out: in bounded memory, and taken up again where it
 * was left.
 *
 * <p>Start at {@link dev.lathe.cli.score.Scoring}. <em>Row</em>: one example, a record of the file.
 *
 * <p>Not here: reading records ({@code dev.lathe.train.Records}); running models ({@code
 * dev.lathe.server.Lathe}).
 */
@NullMarked
package dev.lathe.cli.score;

import org.jspecify.annotations.NullMarked;
