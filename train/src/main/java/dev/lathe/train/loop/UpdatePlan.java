package dev.lathe.train.loop;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.train.OptimizerRecipe;
import dev.lathe.train.Recipe;
import dev.lathe.train.TrainError;
import dev.lathe.train.UpdateRecipe;
import dev.lathe.transform.Adafactor;
import dev.lathe.transform.Adagrad;
import dev.lathe.transform.Adam;
import dev.lathe.transform.AdamW;
import dev.lathe.transform.Clipping;
import dev.lathe.transform.Lamb;
import dev.lathe.transform.Lion;
import dev.lathe.transform.Optimizer;
import dev.lathe.transform.ParameterGroup;
import dev.lathe.transform.Recomputation;
import dev.lathe.transform.RmsProp;
import dev.lathe.transform.Sgd;
import dev.lathe.transform.TrainingOptions;
import dev.lathe.transform.TrainingOptions.Batches;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Which parameters of a network are trained, and how.
 *
 * @param parameters names of what is trained
 * @param options how gradients change them
 */
record UpdatePlan(Set<String> parameters, TrainingOptions options) {
  /** The factors that a group has. */
  private record Factors(double rate, double decay) {
    static final Factors ONE = new Factors(1, 1);
  }

  /**
   * Follows a recipe.
   *
   * @throws LatheException BAD_RECIPE if a pattern matches no parameter, a parameter is in two
   *     groups, or nothing is left to train
   */
  static UpdatePlan of(Recipe recipe, Network network) {
    UpdateRecipe update = recipe.update();
    Set<String> trained = new TreeSet<>(network.parameters());
    trained.removeAll(matching(update.freeze(), trained, "update.freeze"));
    if (trained.isEmpty()) {
      throw bad("update.freeze: no parameter is left to train (expected: one at least)");
    }
    TrainingOptions options =
        TrainingOptions.of(optimizer(recipe.optimizer()))
            .withClipping(new Clipping(update.clipValue(), update.clipNorm()))
            .withGroups(groups(update, trained, network.model().graph().initializers()))
            .withAveraging(update.average())
            .withBatches(update.batches() == 1 ? Batches.ONE : Batches.SEVERAL)
            .withRecomputation(
                switch (update.recompute()) {
                  case NOTHING -> Recomputation.NOTHING;
                  case SEGMENTS -> Recomputation.SEGMENTS;
                });
    return new UpdatePlan(Set.copyOf(trained), options);
  }

  private static List<ParameterGroup> groups(
      UpdateRecipe update, Set<String> trained, Map<String, Tensor> values) {
    Map<String, Factors> factors = new LinkedHashMap<>();
    for (UpdateRecipe.Group group : update.groups()) {
      for (String name : matching(group.parameters(), trained, "update.groups")) {
        if (factors.put(name, new Factors(group.rate(), group.decay())) != null) {
          throw bad("update.groups: \"" + name + "\" is in two groups (expected: one)");
        }
      }
    }
    if (update.decay() == UpdateRecipe.Decay.MATRICES) {
      for (String name : trained) {
        if (values.get(name).rank() < 2) {
          factors.merge(name, new Factors(1, 0), (own, none) -> new Factors(own.rate(), 0));
        }
      }
    }
    Map<Factors, Set<String>> alike = new LinkedHashMap<>();
    factors.forEach(
        (name, own) -> alike.computeIfAbsent(own, _ -> new LinkedHashSet<>()).add(name));
    alike.remove(Factors.ONE);
    List<ParameterGroup> groups = new ArrayList<>();
    alike.forEach((own, names) -> groups.add(new ParameterGroup(names, own.rate(), own.decay())));
    return groups;
  }

  private static Set<String> matching(List<String> patterns, Set<String> names, String key) {
    Set<String> matching = new LinkedHashSet<>();
    for (String text : patterns) {
      Pattern pattern = glob(text);
      List<String> found = names.stream().filter(name -> pattern.matcher(name).matches()).toList();
      if (found.isEmpty()) {
        throw bad(key + ": \"" + text + "\" matches no parameter (known: " + shown(names) + ")");
      }
      matching.addAll(found);
    }
    return matching;
  }

  private static String shown(Set<String> names) {
    String first = String.join(", ", names.stream().limit(8).toList());
    return names.size() > 8 ? first + ", and " + (names.size() - 8) + " more" : first;
  }

  /** {@code *} stands for any characters, {@code ?} for one, all others for themselves. */
  private static Pattern glob(String text) {
    StringBuilder regex = new StringBuilder();
    for (char c : text.toCharArray()) {
      regex.append(c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(String.valueOf(c)));
    }
    return Pattern.compile(regex.toString());
  }

  private static LatheException bad(String message) {
    return new LatheException(TrainError.BAD_RECIPE, message);
  }

  private static Optimizer optimizer(OptimizerRecipe recipe) {
    return switch (recipe) {
      case OptimizerRecipe.Sgd s -> new Sgd(s.momentum(), s.nesterov(), s.weightDecay());
      case OptimizerRecipe.Adam a -> new Adam(a.beta1(), a.beta2(), a.epsilon(), a.weightDecay());
      case OptimizerRecipe.AdamW a -> new AdamW(a.beta1(), a.beta2(), a.epsilon(), a.weightDecay());
      case OptimizerRecipe.Adagrad a ->
          new Adagrad(a.rateDecay(), a.epsilon(), a.initialSum(), a.weightDecay());
      case OptimizerRecipe.RmsProp r ->
          new RmsProp(r.alpha(), r.epsilon(), r.momentum(), r.centered(), r.weightDecay());
      case OptimizerRecipe.Lamb l -> new Lamb(l.beta1(), l.beta2(), l.epsilon(), l.weightDecay());
      case OptimizerRecipe.Adafactor a ->
          new Adafactor(
              a.exponent(),
              Adafactor.standard().epsilon1(),
              a.smallest(),
              a.clipping(),
              a.weightDecay());
      case OptimizerRecipe.Lion l -> new Lion(l.beta1(), l.beta2(), l.weightDecay());
    };
  }
}
