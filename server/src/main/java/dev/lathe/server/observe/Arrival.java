package dev.lathe.server.observe;

import java.util.function.UnaryOperator;

/**
 * A request as it comes in, by whatever protocol.
 *
 * @param method the HTTP method, or gRPC's {@code package.Service/Method}
 * @param header the value of a header or of metadata by its name in lower case; empty if absent
 */
public record Arrival(String method, UnaryOperator<String> header) {}
