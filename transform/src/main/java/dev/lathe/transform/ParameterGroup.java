package dev.lathe.transform;

import java.util.Set;

/**
 * Parameters that are trained otherwise than the rest. Those in no group have both factors 1.
 *
 * @param parameters their names
 * @param rate what the learning rate is multiplied by, from 0
 * @param decay what the weight decay is multiplied by, from 0
 */
public record ParameterGroup(Set<String> parameters, double rate, double decay) {
  /** The parameters of no group. */
  static final ParameterGroup REST = new ParameterGroup(Set.of(), 1, 1);

  /** Checks the ranges and copies the names. */
  public ParameterGroup {
    parameters = Set.copyOf(parameters);
    Settings.requireNotNegative("rate", rate);
    Settings.requireNotNegative("decay", decay);
  }
}
