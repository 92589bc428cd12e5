package dev.lathe.server;

import dev.lathe.ir.Tensor;

/**
 * Texts as vectors.
 *
 * @param model its name
 * @param version the version that was asked
 * @param vectors FP32 [N, D]: one for each text, in their order
 * @param tokens tokens that the model read
 */
public record Embedded(String model, String version, Tensor vectors, int tokens) {}
