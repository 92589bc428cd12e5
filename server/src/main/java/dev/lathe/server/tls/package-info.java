/**
 * TLS from PEM files that may be replaced while the server runs. Start at {@link
 * dev.lathe.server.tls.ServerTls}.
 *
 * <p>Not here: who a client certificate stands for ({@code dev.lathe.server.access}).
 */
@NullMarked
package dev.lathe.server.tls;

import org.jspecify.annotations.NullMarked;
