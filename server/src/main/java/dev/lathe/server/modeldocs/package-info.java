/**
 * What a model's callers need to know, made from its signature: an OpenAPI document, a request that
 * works, a page with ready code. Start at {@link dev.lathe.server.modeldocs.ModelDocsDoor}.
 *
 * <p>Not here: the document of Lathe's own verbs ({@code dev.lathe.server.api}).
 */
@NullMarked
package dev.lathe.server.modeldocs;

import org.jspecify.annotations.NullMarked;
