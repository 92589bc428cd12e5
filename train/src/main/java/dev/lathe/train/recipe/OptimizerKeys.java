package dev.lathe.train.recipe;

import dev.lathe.train.OptimizerRecipe;
import dev.lathe.train.OptimizerRecipe.Adafactor;
import dev.lathe.train.OptimizerRecipe.Adagrad;
import dev.lathe.train.OptimizerRecipe.Adam;
import dev.lathe.train.OptimizerRecipe.AdamW;
import dev.lathe.train.OptimizerRecipe.Lamb;
import dev.lathe.train.OptimizerRecipe.Lion;
import dev.lathe.train.OptimizerRecipe.RmsProp;
import dev.lathe.train.OptimizerRecipe.Sgd;
import dev.lathe.train.recipe.Form.Fields;
import dev.lathe.train.recipe.Form.Flag;
import dev.lathe.train.recipe.Form.Key;
import dev.lathe.train.recipe.Form.Real;
import dev.lathe.train.recipe.Form.Variants;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The optimizers of a recipe: their keys, and the way from keys to optimizer and back. */
final class OptimizerKeys {
  private static final String RATE = "learning_rate";
  private static final String DECAY = "weight_decay";
  private static final String MOMENTUM = "momentum";
  private static final String EPSILON = "epsilon";

  private OptimizerKeys() {}

  static Form form() {
    Map<String, Fields> cases = new LinkedHashMap<>();
    Key nesterov = Key.optional("nesterov", new Flag(), false, "Whether momentum looks ahead.");
    cases.put("sgd", fields(rate(0.01), momentum(), nesterov, decay(0)));
    cases.put("adam", moments(0.001, 1e-8, 0));
    cases.put("adamw", moments(0.001, 1e-8, 0.01));
    cases.put(
        "adagrad",
        fields(
            rate(0.01),
            real("rate_decay", 0, "By which the step size falls with each step."),
            real("initial_sum", 0, "Sum of squares before the first step."),
            epsilon(1e-10),
            decay(0)));
    cases.put(
        "rmsprop",
        fields(
            rate(0.01),
            part("alpha", 0.99, "Decay of the mean square."),
            momentum(),
            Key.optional(
                "centered", new Flag(), false, "Whether the mean gradient is taken out of it."),
            epsilon(1e-8),
            decay(0)));
    cases.put("lamb", moments(0.001, 1e-6, 0.01));
    cases.put(
        "adafactor",
        fields(
            rate(0.01),
            part("exponent", 0.8, "How fast the memory of the second moment grows."),
            Key.optional(
                "smallest", new Real(0, true, 1), 1e-3, "Size a weight is taken for at least."),
            Key.optional(
                "clipping", new Real(0, true, 1000), 1.0, "Largest root mean square of an update."),
            decay(0)));
    cases.put(
        "lion",
        fields(
            rate(0.0001),
            part("beta1", 0.9, "Part of the memory in the direction."),
            part("beta2", 0.99, "Decay of the memory."),
            decay(0)));
    return new Variants("kind", "Which optimizer.", cases);
  }

  private static Fields fields(Key... keys) {
    return new Fields(List.of(keys));
  }

  private static Fields moments(double rate, double epsilon, double decay) {
    return fields(
        rate(rate),
        part("beta1", 0.9, "Decay of the first moment."),
        part("beta2", 0.999, "Decay of the second moment."),
        epsilon(epsilon),
        decay(decay));
  }

  private static Key rate(double standard) {
    return Key.optional(RATE, new Real(0, true, 1000), standard, "Step size.");
  }

  private static Key decay(double standard) {
    return Key.optional(DECAY, new Real(0, false, 10), standard, "Pull of weights to zero.");
  }

  private static Key epsilon(double standard) {
    return Key.optional(EPSILON, new Real(0, true, 1), standard, "Added to the denominator.");
  }

  private static Key momentum() {
    Form form = new Real(0, false, 0.999999);
    return Key.optional(MOMENTUM, form, 0.0, "Part of the last step that is kept.");
  }

  private static Key part(String name, double standard, String about) {
    return Key.optional(name, new Real(0, true, 0.999999), standard, about);
  }

  private static Key real(String name, double standard, String about) {
    return Key.optional(name, new Real(0, false, 1000), standard, about);
  }

  static OptimizerRecipe read(Values values) {
    double rate = values.real(RATE);
    double decay = values.real(DECAY);
    return switch (values.text("kind")) {
      case "sgd" -> new Sgd(rate, values.real(MOMENTUM), values.flag("nesterov"), decay);
      case "adam" ->
          new Adam(rate, values.real("beta1"), values.real("beta2"), values.real(EPSILON), decay);
      case "adagrad" ->
          new Adagrad(
              rate,
              values.real("rate_decay"),
              values.real("initial_sum"),
              values.real(EPSILON),
              decay);
      case "rmsprop" ->
          new RmsProp(
              rate,
              values.real("alpha"),
              values.real(MOMENTUM),
              values.flag("centered"),
              values.real(EPSILON),
              decay);
      case "lamb" ->
          new Lamb(rate, values.real("beta1"), values.real("beta2"), values.real(EPSILON), decay);
      case "adafactor" ->
          new Adafactor(
              rate,
              values.real("exponent"),
              values.real("smallest"),
              values.real("clipping"),
              decay);
      case "lion" -> new Lion(rate, values.real("beta1"), values.real("beta2"), decay);
      default ->
          new AdamW(rate, values.real("beta1"), values.real("beta2"), values.real(EPSILON), decay);
    };
  }

  static void write(OptimizerRecipe optimizer, RecipeWriter writer) {
    Map<String, Object> keys = new LinkedHashMap<>();
    switch (optimizer) {
      case Sgd sgd -> {
        keys.put("kind", "sgd");
        keys.put(MOMENTUM, sgd.momentum());
        keys.put("nesterov", sgd.nesterov());
        keys.put(DECAY, sgd.weightDecay());
      }
      case Adam a ->
          moments(keys, "adam", List.of(a.beta1(), a.beta2(), a.epsilon(), a.weightDecay()));
      case AdamW a ->
          moments(keys, "adamw", List.of(a.beta1(), a.beta2(), a.epsilon(), a.weightDecay()));
      case Lamb a ->
          moments(keys, "lamb", List.of(a.beta1(), a.beta2(), a.epsilon(), a.weightDecay()));
      case Adagrad adagrad -> {
        keys.put("kind", "adagrad");
        keys.put("rate_decay", adagrad.rateDecay());
        keys.put("initial_sum", adagrad.initialSum());
        keys.put(EPSILON, adagrad.epsilon());
        keys.put(DECAY, adagrad.weightDecay());
      }
      case RmsProp rmsProp -> {
        keys.put("kind", "rmsprop");
        keys.put("alpha", rmsProp.alpha());
        keys.put(MOMENTUM, rmsProp.momentum());
        keys.put("centered", rmsProp.centered());
        keys.put(EPSILON, rmsProp.epsilon());
        keys.put(DECAY, rmsProp.weightDecay());
      }
      case Adafactor adafactor -> {
        keys.put("kind", "adafactor");
        keys.put("exponent", adafactor.exponent());
        keys.put("smallest", adafactor.smallest());
        keys.put("clipping", adafactor.clipping());
        keys.put(DECAY, adafactor.weightDecay());
      }
      case Lion lion -> {
        keys.put("kind", "lion");
        keys.put("beta1", lion.beta1());
        keys.put("beta2", lion.beta2());
        keys.put(DECAY, lion.weightDecay());
      }
    }
    writer.line("optimizer", "");
    keys.put(RATE, optimizer.learningRate());
    keys.forEach((key, value) -> writer.line("  " + key, value));
  }

  private static void moments(Map<String, Object> keys, String kind, List<Double> values) {
    keys.put("kind", kind);
    List<String> names = List.of("beta1", "beta2", EPSILON, DECAY);
    for (int i = 0; i < names.size(); i++) {
      keys.put(names.get(i), values.get(i));
    }
  }
}
