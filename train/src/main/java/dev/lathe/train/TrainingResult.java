package dev.lathe.train;

import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a run has made.
 *
 * @param model the inference model: raw features {@code x} in; out {@code probabilities} FLOAT [N,
 *     K] and {@code label} INT64 [N] for classes, {@code y} FLOAT [N, K] for regression
 * @param adapters adapters by name, FLOAT, as Hugging Face PEFT has them; empty if weights were
 *     trained themselves
 * @param metrics final metrics by name: {@code test_accuracy}, {@code validation_loss}, ...
 * @param evaluations what was measured beyond single numbers, one for each part held out
 * @param data what it has seen
 * @param labels class names in the order of the probabilities; empty for regression
 * @param files what belongs beside the graph, text by file name; {@link Evaluation#FILE} is added
 *     where there are evaluations
 * @param steps optimizer steps made
 * @param epochs epochs made
 * @param recipe the recipe, whose {@link Recipe#source} belongs into the lineage
 */
public record TrainingResult(
    Model model,
    Map<String, Tensor> adapters,
    Map<String, Double> metrics,
    List<Evaluation> evaluations,
    List<DataDigest> data,
    List<String> labels,
    Map<String, String> files,
    long steps,
    int epochs,
    Recipe recipe) {
  /** The file beside a language model that holds what it wrote when it was trained. */
  public static final String SAMPLE = "sample.txt";

  /** Copies its collections. */
  public TrainingResult {
    adapters = Collections.unmodifiableMap(new LinkedHashMap<>(adapters));
    metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
    evaluations = evaluations.stream().filter(Evaluation::hasNews).toList();
    data = List.copyOf(data);
    labels = List.copyOf(labels);
    Map<String, String> beside = new LinkedHashMap<>(files);
    if (!evaluations.isEmpty()) {
      beside.put(Evaluation.FILE, Evaluation.json(evaluations));
    }
    files = Collections.unmodifiableMap(beside);
  }

  /**
   * What a base of texts has beside it and keeps, since its tokens stay what they are.
   *
   * @return files by their names; none where the tokens are the run's own, or there are none
   */
  public Map<String, Path> kept() {
    boolean texts =
        switch (recipe.data()) {
          case DataRecipe.Conversations _, DataRecipe.Questions _ -> true;
          case DataRecipe.Text text -> text.vocabulary() instanceof VocabularyRecipe.OfBase;
          case DataRecipe.LabelledTexts labelled ->
              labelled.vocabulary() instanceof VocabularyRecipe.OfBase;
          case DataRecipe.Tagged tagged -> tagged.vocabulary() instanceof VocabularyRecipe.OfBase;
          case DataRecipe.Parallel _,
              DataRecipe.Records _,
              DataRecipe.Images _,
              DataRecipe.Idx _,
              DataRecipe.DrawnDigits _,
              DataRecipe.InMemory _ ->
              false;
        };
    return texts && recipe.architecture() instanceof ArchitectureRecipe.Base base
        ? base.beside()
        : Map.of();
  }

  /**
   * What the model is asked.
   *
   * @return the recipe's task
   */
  public Task task() {
    return recipe.task();
  }

  /**
   * What everything random came from.
   *
   * @return the recipe's seed
   */
  public long seed() {
    return recipe.seed();
  }
}
