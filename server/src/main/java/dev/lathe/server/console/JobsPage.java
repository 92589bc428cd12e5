package dev.lathe.server.console;

import dev.lathe.server.JobInfo;
import java.util.List;
import java.util.Locale;

/**
 * The page of all jobs.
 *
 * @param jobs the newest first
 */
record JobsPage(List<JobInfo> jobs) {
  Page page() {
    return new Page("Jobs", Html.of("<h1>Jobs</h1>\n{}", table(jobs)), List.of("times.js"));
  }

  static Html table(List<JobInfo> jobs) {
    if (jobs.isEmpty()) {
      return new Html("<p class=\"empty\" id=\"no-jobs\">No jobs yet.</p>\n");
    }
    return Html.of(
        """
        <div class="scroll"><table id="jobs">
        <thead><tr><th>Job</th><th>Model</th><th>State</th><th>Created</th><th>Result</th></tr></thead>
        <tbody>{}</tbody>
        </table></div>
        """,
        jobs.stream().map(JobsPage::row).toList());
  }

  private static Html row(JobInfo job) {
    return Html.of(
        """
        <tr><td><a href="/jobs/{}">{}</a></td><td>{}</td><td>{}</td>\
        <td>{}</td><td>{} {}<span class="error">{}</span></td></tr>
        """,
        job.id(),
        job.id(),
        model(job),
        state(job),
        Shown.time(job.created()),
        job.version().orElse(""),
        Shown.headline(job.metrics()),
        job.error().orElse(""));
  }

  /** The job's model; a link once the job has released it, for before that there may be no page. */
  static Html model(JobInfo job) {
    return job.version().isPresent()
        ? Html.of("<a href=\"/models/{}\">{}</a>", job.model(), job.model())
        : Html.of("{}", job.model());
  }

  static Html state(JobInfo job) {
    String word = job.state().name().toLowerCase(Locale.ROOT);
    return Html.of("<span class=\"state {}\">{}</span>", word, word);
  }
}
