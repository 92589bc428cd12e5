package dev.lathe.zoo.huggingface;

import dev.lathe.zoo.HuggingFace.Task;
import java.util.function.Function;

/**
 * One architecture that can be read.
 *
 * @param modelType {@code model_type} of the config
 * @param architecture the class in {@code architectures}
 * @param task what the model is asked
 * @param inert what changes no number, beyond what changes none in any family
 * @param reader reads the config
 */
record Family(
    String modelType, String architecture, Task task, Inert inert, Function<Config, Plan> reader) {}
