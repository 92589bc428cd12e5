/**
 * Models in Git, with their lineage: versions as tags, environments as branches, large files in one
 * SHA-256 blob store.
 *
 * <p>Not here: HTTP ({@code dev.lathe.server}), loading what is deployed ({@code dev.lathe.serve}).
 */
@NullMarked
package dev.lathe.registry;

import org.jspecify.annotations.NullMarked;
