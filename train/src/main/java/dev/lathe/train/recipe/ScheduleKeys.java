package dev.lathe.train.recipe;

import dev.lathe.train.Schedule;
import dev.lathe.train.Schedule.Constant;
import dev.lathe.train.Schedule.Cosine;
import dev.lathe.train.Schedule.Linear;
import dev.lathe.train.Schedule.OneCycle;
import dev.lathe.train.Schedule.Plateau;
import dev.lathe.train.Schedule.Step;
import dev.lathe.train.Schedule.Warmup;
import dev.lathe.train.recipe.Form.Fields;
import dev.lathe.train.recipe.Form.Key;
import dev.lathe.train.recipe.Form.Named;
import dev.lathe.train.recipe.Form.Real;
import dev.lathe.train.recipe.Form.Variants;
import dev.lathe.train.recipe.Form.Whole;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The schedules of a recipe: their keys, and the way from keys to schedule and back. */
final class ScheduleKeys {
  private static final Form STEPS = new Whole(1, 1_000_000_000);
  private static final Form PART = new Real(0, false, 1);

  private ScheduleKeys() {}

  static Form form() {
    Key floor = Key.optional("floor", PART, 0.0, "Part of the learning rate that is left.");
    Map<String, Fields> cases = new LinkedHashMap<>();
    cases.put("constant", fields());
    cases.put(
        "step",
        fields(
            Key.required("every", STEPS, "Steps between two falls."),
            Key.optional("by", new Real(0, true, 1), 0.1, "Factor of a fall.")));
    cases.put("linear", fields(floor));
    cases.put("cosine", fields(floor));
    cases.put(
        "one_cycle",
        fields(
            Key.optional("rise", new Real(0, true, 0.99), 0.3, "Part of the run that goes up."),
            Key.optional(
                "start", new Real(1, false, 1e9), 25.0, "Divisor of the learning rate at first."),
            Key.optional(
                "end", new Real(1, false, 1e9), 10_000.0, "Divisor at last, beyond that.")));
    cases.put(
        "plateau",
        fields(
            Key.optional("metric", MetricKeys.METRIC, "loss", "Metric of the validation part."),
            Key.optional("by", new Real(0, true, 0.999999), 0.1, "Factor of a fall."),
            Key.optional(
                "patience", new Whole(0, 1_000_000), 10L, "Epochs without a better value."),
            Key.optional("threshold", PART, 1e-4, "By which part a value must be better."),
            floor));
    return new Named(new Variants("kind", "Which schedule.", cases));
  }

  private static Fields fields(Key... own) {
    List<Key> keys = new ArrayList<>(List.of(own));
    keys.add(
        Key.optional("warmup", new Whole(0, 1_000_000_000), 0L, "Steps of a line up before it."));
    keys.add(Key.optional("warmup_from", PART, 0.0, "Part of the rate that the line begins with."));
    return new Fields(keys);
  }

  static Schedule read(Values values) {
    Schedule schedule =
        switch (values.text("kind")) {
          case "step" -> new Step(values.whole("every"), values.real("by"));
          case "linear" -> new Linear(values.real("floor"));
          case "cosine" -> new Cosine(values.real("floor"));
          case "one_cycle" ->
              new OneCycle(values.real("rise"), values.real("start"), values.real("end"));
          case "plateau" ->
              new Plateau(
                  values.text("metric"),
                  values.real("by"),
                  values.small("patience"),
                  values.real("threshold"),
                  values.real("floor"));
          default -> new Constant();
        };
    return values.whole("warmup") == 0
        ? schedule
        : new Warmup(values.whole("warmup"), values.real("warmup_from"), schedule);
  }

  static void write(Schedule schedule, RecipeWriter writer) {
    Map<String, Object> keys = new LinkedHashMap<>();
    switch (schedule.main()) {
      case Constant _ -> keys.put("kind", "constant");
      case Step step -> {
        keys.put("kind", "step");
        keys.put("every", step.every());
        keys.put("by", step.by());
      }
      case Linear linear -> {
        keys.put("kind", "linear");
        keys.put("floor", linear.floor());
      }
      case Cosine cosine -> {
        keys.put("kind", "cosine");
        keys.put("floor", cosine.floor());
      }
      case OneCycle cycle -> {
        keys.put("kind", "one_cycle");
        keys.put("rise", cycle.rise());
        keys.put("start", cycle.start());
        keys.put("end", cycle.end());
      }
      case Plateau plateau -> {
        keys.put("kind", "plateau");
        keys.put("metric", plateau.metric());
        keys.put("by", plateau.by());
        keys.put("patience", plateau.patience());
        keys.put("threshold", plateau.threshold());
        keys.put("floor", plateau.floor());
      }
      case Warmup _ -> throw new IllegalStateException("a warm-up before a warm-up");
    }
    if (schedule instanceof Warmup warmup) {
      keys.put("warmup", warmup.steps());
      keys.put("warmup_from", warmup.from());
    }
    writer.line("schedule", "");
    keys.forEach((key, value) -> writer.line("  " + key, value));
  }
}
