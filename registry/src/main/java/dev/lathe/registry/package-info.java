/**
 * Models in Git, with their lineage: versions as tags, environments as branches, large files in one
 * SHA-256 blob store. Start at {@link dev.lathe.registry.Registry}; Git and Git LFS clients come in
 * by {@link dev.lathe.registry.GitDoor} and {@link dev.lathe.registry.LfsDoor}.
 *
 * <p>Words: a <i>version</i> is a commit on {@code main} with an immutable tag {@code v<N>}. An
 * <i>environment</i> is a branch {@code env/<name>} whose only file {@code deployment.yaml} says
 * which version is live. A <i>blob</i> is a large file in the store, named by its digest; a
 * <i>link</i> is a model's right to serve a blob, had by having received its bytes.
 *
 * <p>Not here: HTTP ({@code dev.lathe.server}), loading what is deployed ({@code dev.lathe.serve}).
 */
@NullMarked
package dev.lathe.registry;

import org.jspecify.annotations.NullMarked;
