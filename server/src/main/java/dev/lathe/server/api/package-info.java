/**
 * {@code /api/v1}: the verbs over HTTP, and the OpenAPI document that describes them. Start at
 * {@link dev.lathe.server.api.ApiDoor}; the table of its routes is {@link
 * dev.lathe.server.api.ApiRoutes}, from which both the routing and the document are made.
 *
 * <p>Not here: what the verbs do ({@link dev.lathe.server.LocalLathe}), the inference protocol.
 */
@NullMarked
package dev.lathe.server.api;

import org.jspecify.annotations.NullMarked;
