package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.DeploymentPlan;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.ModelName;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A source whose wishes for one environment can be served otherwise than they say, until they
 * change. That is kept in memory alone: what the environment says stays as it is.
 */
final class AdjustedSource implements Source {
  private final Source source;
  private final String environment;
  private final Map<ModelName, Adjustment> adjustments = new ConcurrentHashMap<>();

  /** What is wished for instead, as long as the environment's last change is this one. */
  private record Adjustment(String change, Wish instead) {}

  AdjustedSource(Source source, String environment) {
    this.source = source;
    this.environment = environment;
  }

  /**
   * Serves a model otherwise, or again as its environment says.
   *
   * @param model the model
   * @param settings by name, as {@code serving.max_batch_rows}, beside what its environment says;
   *     empty for nothing but that
   * @return puts back what was before
   * @throws LatheException NOT_LIVE if nothing is wished for; the registry's INVALID for settings
   *     that there are not, or that are out of their range
   */
  Runnable adjust(ModelName model, Map<String, String> settings) {
    if (settings.isEmpty()) {
      return undo(model, adjustments.remove(model));
    }
    Wish now =
        source
            .wish(model, environment)
            .orElseThrow(
                () -> new LatheException(ServeError.NOT_LIVE, model + ": nothing is live"));
    DeploymentPlan plan = now.plan().with(settings);
    String change = now.change() + " " + settings;
    Adjustment next = new Adjustment(now.change(), new Wish(plan, change));
    return undo(model, adjustments.put(model, next));
  }

  private Runnable undo(ModelName model, @Nullable Adjustment before) {
    return before == null ? () -> adjustments.remove(model) : () -> adjustments.put(model, before);
  }

  @Override
  public Optional<Wish> wish(ModelName model, String asked) {
    Optional<Wish> wish = source.wish(model, asked);
    Adjustment adjustment = adjustments.get(model);
    return adjustment == null || !asked.equals(environment)
        ? wish
        : wish.map(now -> now.change().equals(adjustment.change()) ? adjustment.instead() : now);
  }

  @Override
  public List<ModelName> models() {
    return source.models();
  }

  @Override
  public boolean exists(ModelName model) {
    return source.exists(model);
  }

  @Override
  public Metadata metadata(ModelVersion version) {
    return source.metadata(version);
  }

  @Override
  public Opened open(ModelVersion version) {
    return source.open(version);
  }

  @Override
  public Opened open(Served wanted, PipelineResponder.Models others) {
    return source.open(wanted, others);
  }

  @Override
  public long fileBytes(ModelVersion version) {
    return source.fileBytes(version);
  }

  @Override
  public long bytesAhead(Served wanted) {
    return source.bytesAhead(wanted);
  }

  @Override
  public List<String> newest(ModelName model, int most) {
    return source.newest(model, most);
  }

  @Override
  public void takeOut(Place place, String canary, String reason) {
    source.takeOut(place, canary, reason);
  }
}
