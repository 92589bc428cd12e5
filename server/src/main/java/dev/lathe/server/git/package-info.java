/**
 * Where unmodified {@code git} and {@code git-lfs} come in over HTTP. Start at {@link
 * dev.lathe.server.git.GitHttpDoor}.
 *
 * <p>Not here: the protocols themselves ({@code dev.lathe.registry}).
 */
@NullMarked
package dev.lathe.server.git;

import org.jspecify.annotations.NullMarked;
