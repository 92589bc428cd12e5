/**
 * Models of others on their way into the registry. Start at {@link
 * dev.lathe.server.importing.FolderImport}; {@link dev.lathe.server.importing.HubDownload} fetches
 * a folder from a hub, {@link dev.lathe.server.importing.HubReference} says which.
 *
 * <p>Not here: how such a folder becomes a graph ({@code dev.lathe.zoo.HuggingFace}).
 */
@NullMarked
package dev.lathe.server.importing;

import org.jspecify.annotations.NullMarked;
