package dev.lathe.generate.deploy;

import dev.lathe.transform.CachedDecoder;
import dev.lathe.transform.WeightForm;
import java.nio.file.Path;

/**
 * A decoder ready to run.
 *
 * @param file the model, its weights in a file beside it; sessions map them
 * @param decoder what the model takes and gives
 * @param weights the form of its weights
 */
public record DeployedDecoder(Path file, CachedDecoder decoder, WeightForm weights) {}
