/**
 * What callers upload and what work for them leaves behind, as files that have an owner. Start at
 * {@link dev.lathe.server.files.FileStore}.
 *
 * <p>An owner is a caller's account; who may administer the server sees the files of all. A file
 * never changes: it is published whole and then only read or deleted. Not here: HTTP ({@code
 * server.openai}), and the data that recipes name ({@code server.jobs}).
 */
@NullMarked
package dev.lathe.server.files;

import org.jspecify.annotations.NullMarked;
