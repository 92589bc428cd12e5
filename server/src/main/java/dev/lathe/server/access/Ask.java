package dev.lathe.server.access;

import dev.lathe.server.Right;

/**
 * What somebody asks for.
 *
 * @param right the right that it takes
 * @param model the model that it is about; empty for all models
 * @param what the method and path, or the remote procedure, without a query
 * @param peer the address that it came from
 */
public record Ask(Right right, String model, String what, String peer) {
  /** In the place of a model that only the body names: a right over any model is enough. */
  public static final String ANY_MODEL = "?";
}
