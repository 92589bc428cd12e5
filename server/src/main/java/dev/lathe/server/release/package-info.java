/**
 * Versions out of files that were made elsewhere. Start at {@link
 * dev.lathe.server.release.FolderRelease}; {@link dev.lathe.server.release.Packed} carries a folder
 * over HTTP.
 */
@NullMarked
package dev.lathe.server.release;

import org.jspecify.annotations.NullMarked;
