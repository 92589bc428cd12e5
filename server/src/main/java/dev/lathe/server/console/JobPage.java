package dev.lathe.server.console;

import dev.lathe.server.JobInfo;
import dev.lathe.server.JobProgress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * The page of one job, alive while the job runs.
 *
 * @param job the job as it is now
 */
record JobPage(JobInfo job) {
  Page page() {
    Html body =
        Html.of(
            """
            <article id="job" data-job="{}" data-ended="{}">
            <h1>Job {} <span id="state">{}</span></h1>
            <dl>
            <dt>Model</dt><dd>{}</dd>
            <dt>Created</dt><dd>{}</dd>
            {}{}</dl>
            {}
            <section id="curves" aria-label="Training curves" hidden>
            <figure><figcaption>Loss</figcaption>
            <svg id="loss-chart" class="chart" role="img" aria-label="Loss by step"></svg></figure>
            <figure id="accuracy-figure" hidden><figcaption>Accuracy on the validation part</figcaption>
            <svg id="accuracy-chart" class="chart" role="img" aria-label="Accuracy by step"></svg></figure>
            </section>
            <p class="error" id="error">{}</p>
            <p class="buttons">
            <button type="button" id="cancel" {}>Stop with a checkpoint</button>
            <button type="button" id="resume" {}>Go on</button>
            </p>
            <pre id="log" aria-label="Log" hidden></pre>
            </article>
            """,
            job.id(),
            job.state().ended(),
            job.id(),
            JobsPage.state(job),
            JobsPage.model(job),
            Shown.time(job.created()),
            took(),
            result(),
            progress(),
            job.error().orElse(""),
            new Html(job.state().ended() ? "hidden" : ""),
            new Html(resumable() ? "" : "hidden"));
    return new Page("Job " + job.id(), body, List.of("times.js", "job.js"));
  }

  private boolean resumable() {
    return switch (job.state()) {
      case CANCELLED, INTERRUPTED, FAILED -> true;
      case QUEUED, RUNNING, SUCCEEDED -> false;
    };
  }

  private Html took() {
    if (job.started().isEmpty() || job.finished().isEmpty()) {
      return Html.NONE;
    }
    Duration took = Duration.between(job.started().get(), job.finished().get());
    return Html.of("<dt>Took</dt><dd>{}</dd>\n", Shown.duration(took));
  }

  private Html result() {
    if (job.version().isEmpty()) {
      return Html.NONE;
    }
    String version = job.version().get();
    return Html.of(
        "<dt>Released</dt><dd><a id=\"released\" href=\"/models/{}?version={}\">{}</a> {}</dd>\n"
            + "<dt>Measured</dt><dd id=\"metrics\">{}</dd>\n",
        job.model(),
        version,
        version,
        Shown.environments(job.environment().stream().toList()),
        Shown.metrics(job.metrics()));
  }

  private Html progress() {
    long step = job.progress().map(JobProgress::step).orElse(0L);
    long steps = job.progress().map(JobProgress::steps).orElse(1L);
    String text =
        job.progress()
            .map(
                now ->
                    String.format(
                        Locale.ROOT,
                        "epoch %d of %d, step %d of %d, loss %.4f",
                        now.epoch(),
                        now.epochs(),
                        now.step(),
                        now.steps(),
                        now.loss()))
            .orElse("not begun");
    return Html.of(
        "<progress id=\"bar\" max=\"{}\" value=\"{}\" aria-label=\"Progress\"></progress>\n"
            + "<p id=\"progress\" aria-live=\"polite\">{}</p>",
        steps,
        step,
        text);
  }
}
