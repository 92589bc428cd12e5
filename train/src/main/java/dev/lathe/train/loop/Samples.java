package dev.lathe.train.loop;

import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.HostBuffer;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.train.ArchitectureRecipe;
import dev.lathe.train.Task;
import dev.lathe.train.TrainingResult;
import dev.lathe.train.data.Cursor;
import dev.lathe.train.data.Dice;
import dev.lathe.train.data.Part;
import dev.lathe.train.text.Vocabulary;
import java.util.Arrays;
import java.util.Map;

/**
 * What a language model writes when it has been trained: text that goes on from the first words of
 * the training text, drawn with the run's seed, for people to look at.
 *
 * @param plan what was trained
 * @param threads threads inside an operator
 */
record Samples(Plan plan, int threads) {
  private static final long STREAM = 7;
  private static final int FIRST = 8;
  private static final int WRITTEN = 400;
  private static final double TEMPERATURE = 0.8;

  /**
   * Lets a model write.
   *
   * @param model the model to release
   * @return text by file name; nothing where the model is no language model trained from scratch
   */
  Map<String, String> of(Model model) {
    boolean writes =
        plan.recipe().task() == Task.LANGUAGE_MODEL
            && !(plan.recipe().architecture() instanceof ArchitectureRecipe.Base);
    if (!writes) {
      return Map.of();
    }
    Vocabulary vocabulary = Vocabulary.parse(plan.data().answers().files().get("tokenizer.json"));
    long[] window = window();
    int first = Math.min(FIRST, window.length);
    int[] text = new int[first + WRITTEN];
    for (int i = 0; i < first; i++) {
      text[i] = Math.toIntExact(window[i]);
    }
    Dice dice = new Dice(plan.recipe().seed(), STREAM);
    try (Session session = Session.open(model, SessionOptions.training(threads))) {
      String input = model.graph().requiredInputs().getFirst().name();
      for (int end = first; end < text.length; end++) {
        int from = Math.max(0, end - window.length);
        long[] seen = Arrays.stream(text, from, end).asLongStream().toArray();
        Map<String, Tensor> answers =
            session.run(Map.of(input, Tensor.ofLongs(seen, 1, seen.length)));
        text[end] = drawn(answers.get(plan.network().prediction()), dice.uniform());
      }
    }
    return Map.of(TrainingResult.SAMPLE, vocabulary.decode(text) + "\n");
  }

  /** The first tokens that the network has seen, as many as it sees at once. */
  private long[] window() {
    Part part = plan.data().train();
    try (Batch batch = new Batch(part.columns(), 1);
        Cursor cursor = part.inOrder()) {
      batch.fill(cursor);
      HostBuffer features = batch.column(Part.FEATURES);
      return features.tensor().toLongs();
    }
  }

  /**
   * A token drawn from the scores at the last place.
   *
   * @param scores FLOAT [1, T, V]
   * @param uniform 0 to below 1
   */
  static int drawn(Tensor scores, double uniform) {
    int tokens = Math.toIntExact(scores.dims()[2]);
    long last = scores.size() - tokens;
    double most = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < tokens; i++) {
      most = Math.max(most, scores.doubleAt(last + i));
    }
    double[] sums = new double[tokens];
    double sum = 0;
    for (int i = 0; i < tokens; i++) {
      sum += Math.exp((scores.doubleAt(last + i) - most) / TEMPERATURE);
      sums[i] = sum;
    }
    int token = 0;
    while (token < tokens - 1 && sums[token] <= uniform * sum) {
      token++;
    }
    return token;
  }
}
