/**
 * The parts of {@link dev.lathe.transform.QuantizeWeights}: weights as small integers, and the
 * nodes that multiply by them.
 *
 * <p>Letters: M rows, K inputs and N outputs of a projection; b places of a block.
 */
@NullMarked
package dev.lathe.transform.quantize;

import org.jspecify.annotations.NullMarked;
