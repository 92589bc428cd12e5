/**
 * Sources: files of records that are read a chunk at a time, however large they are.
 *
 * <p>Start at {@link dev.lathe.train.data.source.Table}, which looks through a {@link
 * dev.lathe.train.data.source.RecordSource} once and makes parts of it that a run can read.
 *
 * <p>Words: a <em>record</em> is a line or row; a <em>chunk</em> is a run of records that can be
 * gone to at once; a <em>role</em> is what a record is kept for: training, validation or test.
 * Axes: N examples, F features, K targets.
 */
@NullMarked
package dev.lathe.train.data.source;

import org.jspecify.annotations.NullMarked;
