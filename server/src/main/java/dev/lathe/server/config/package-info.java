/**
 * What the operator of a server may say: one table of sections and keys, read from a YAML file,
 * environment variables and flags. Start at {@link dev.lathe.server.config.ServerForm}: a new key
 * is one line there and one component of the section's record.
 *
 * <p>Not here: the records that the sections become ({@code dev.lathe.server.ServerConfig} and its
 * neighbours), and what a model's own deployment says ({@code dev.lathe.registry}).
 */
@NullMarked
package dev.lathe.server.config;

import org.jspecify.annotations.NullMarked;
