package dev.lathe.cli;

import dev.lathe.cli.input.Inputs;
import dev.lathe.cli.load.InProcess;
import dev.lathe.cli.load.Load;
import dev.lathe.cli.load.Measured;
import dev.lathe.cli.load.OverHttp;
import dev.lathe.cli.load.Setting;
import dev.lathe.cli.load.Subject;
import dev.lathe.cli.load.Sweep;
import dev.lathe.cli.load.Target;
import dev.lathe.cli.text.Screen;
import dev.lathe.cli.text.Style;
import dev.lathe.cli.text.Table;
import dev.lathe.ir.Tensor;
import dev.lathe.registry.Registry;
import dev.lathe.server.Lathe;
import dev.lathe.server.VersionDetails;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Loads a version and shows what it gives. */
@Command(
    name = "bench",
    description = {
      "Load a version with callers that ask as fast as they are answered, and show rows a second"
          + " and how long answers take.",
      "Without --server, the model is served in this process, without a protocol; --sweep tries"
          + " batches, overlapping runs and threads inside a run, and says which is best."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lathe bench demo/digits@v1",
      "  lathe bench demo/digits@v1 --callers 1,32 --rows 4 --seconds 5",
      "  lathe bench demo/digits@v1 --sweep --within 20 --apply prod",
      "  lathe bench demo/digits --server http://127.0.0.1:8080"
    })
final class BenchCommand implements Callable<Integer> {
  private static final int MOST_CALLERS = 1024;
  private static final double LONGEST = 600;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private final Help help = new Help();
  @Mixin private final Place place = new Place();
  private final Bench bench;

  @Parameters(
      paramLabel = "MODEL[@VERSION]",
      description = "The model and its version: v1, latest, or an environment's name.")
  private ModelReference model = new ModelReference("", "");

  @Option(
      names = {"-i", "--input"},
      paramLabel = "INPUT",
      description = "What is asked, as for lathe predict (default: small random numbers).")
  private @Nullable String input;

  @Option(
      names = "--rows",
      paramLabel = "ROWS",
      defaultValue = "1",
      description = "Rows of a random question (default: ${DEFAULT-VALUE}).")
  private int rows = 1;

  @Option(
      names = "--callers",
      paramLabel = "COUNT",
      split = ",",
      description = "How many ask at the same time (default: 1,8,32; with --sweep: 16).")
  private List<Integer> callers = List.of();

  @Option(
      names = "--seconds",
      paramLabel = "TIME",
      defaultValue = "2",
      description = "How long each load lasts, after half of it to warm up (${DEFAULT-VALUE}).")
  private double seconds = 2;

  @Option(
      names = "--sweep",
      description = "Try batches, overlapping runs and threads, and name the best.")
  private boolean sweep;

  @Option(
      names = "--within",
      paramLabel = "MILLIS",
      description = "With --sweep: 99 of 100 answers must take no longer than this.")
  private @Nullable Double within;

  @Option(
      names = "--apply",
      paramLabel = "ENV",
      description = "With --sweep: write the best settings into an environment of the version.")
  private @Nullable String environment;

  BenchCommand(Bench bench) {
    this.bench = bench;
  }

  @Override
  public Integer call() {
    requireSense();
    Load load = new Load(millis(seconds / 2), millis(seconds));
    Subject subject = subject();
    if (sweep) {
      sweep(load, subject);
    } else {
      measure(load, subject);
    }
    return 0;
  }

  private void requireSense() {
    refuseIf(sweep && place.server() != null, "--sweep with --server (expected: one of them)");
    refuseIf(within != null && !sweep, "--within needs --sweep");
    refuseIf(environment != null && !sweep, "--apply needs --sweep");
    refuseIf(sweep && callers.size() > 1, "--sweep with several --callers (expected: one number)");
    refuseIf(!(seconds > 0 && seconds <= LONGEST), "--seconds " + seconds + " (expected: to 600)");
    refuseIf(rows < 1 || rows > 1 << 16, "--rows " + rows + " (expected: 1 to 65536)");
    refuseIf(
        callers.stream().anyMatch(count -> count < 1 || count > MOST_CALLERS),
        "--callers " + callers + " (expected: 1 to 1024)");
  }

  private void refuseIf(boolean wrong, String message) {
    if (wrong) {
      throw new CommandLine.ParameterException(spec.commandLine(), message);
    }
  }

  private static Duration millis(double time) {
    return Duration.ofMillis(Math.round(time * 1000));
  }

  private Subject subject() {
    try (Lathe lathe = bench.open(place)) {
      VersionDetails version = lathe.show(model.model(), model.chosen(lathe));
      String text = input;
      Map<String, Tensor> inputs =
          text == null
              ? Subject.inputs(version.inputs(), rows)
              : new Inputs(version.inputs(), 255).read(text, bench.in());
      return new Subject(version.model(), version.version(), inputs);
    }
  }

  private void measure(Load load, Subject subject) {
    List<Integer> counts = callers.isEmpty() ? List.of(1, 8, 32) : callers;
    Table table = new Table("callers", "rows/s", "p50 ms", "p90 ms", "p99 ms", "failed");
    List<Measured> all = new ArrayList<>();
    URI server = place.server();
    if (server != null) {
      try (Target target = new OverHttp(server, subject, place.key())) {
        counts.forEach(count -> add(load.run(target, count), all, table));
      }
    } else {
      try (Registry registry = Registry.open(place.data().resolve("registry"));
          Target target = InProcess.open(registry, subject, InProcess.options())) {
        counts.forEach(count -> add(load.run(target, count), all, table));
      }
    }
    Map<String, Object> document = document(subject);
    document.put("measured", all);
    bench.answer(place, document, () -> print(subject, table));
  }

  private static void add(Measured measured, List<Measured> all, Table table) {
    all.add(measured);
    table.row(
        Integer.toString(measured.callers()),
        String.format(Locale.ROOT, "%,.0f", measured.rowsPerSecond()),
        shown(measured.p50Micros()),
        shown(measured.p90Micros()),
        shown(measured.p99Micros()),
        Long.toString(measured.failures()));
  }

  private static String shown(double micros) {
    return String.format(Locale.ROOT, "%.3f", micros / 1000);
  }

  private static Map<String, Object> document(Subject subject) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("model", subject.model());
    document.put("version", subject.version());
    return document;
  }

  private void print(Subject subject, Table table) {
    Screen screen = bench.screen();
    screen.line(screen.paint(Style.NAME, subject.model() + "@" + subject.version()));
    table.lines().forEach(screen::line);
  }

  private void sweep(Load load, Subject subject) {
    double most = within == null ? Double.POSITIVE_INFINITY : within * 1000;
    Sweep plan = new Sweep(load, callers.isEmpty() ? 16 : callers.getFirst(), most);
    List<Setting> settings = Setting.forMachine(Runtime.getRuntime().availableProcessors());
    bench
        .screen()
        .note("Trying " + settings.size() + " settings with " + plan.callers() + " callers");
    List<Sweep.Tried> all;
    try (Registry registry = Registry.open(place.data().resolve("registry"))) {
      all = plan.run(registry, subject, settings, tried -> {});
      plan.best(all).ifPresent(tried -> apply(registry, subject, tried.setting()));
    }
    Optional<Sweep.Tried> best = plan.best(all);
    Map<String, Object> document = document(subject);
    document.put("tried", all);
    best.ifPresent(tried -> document.put("best", tried));
    bench.answer(place, document, () -> print(subject, all, best));
  }

  private void apply(Registry registry, Subject subject, Setting setting) {
    String into = environment;
    if (into != null) {
      Sweep.write(registry, subject, into, setting);
      bench.screen().note("Written into environment " + into + ": running servers follow");
    }
  }

  private void print(Subject subject, List<Sweep.Tried> all, Optional<Sweep.Tried> best) {
    Table table =
        new Table("max_batch_rows", "instances", "threads", "rows/s", "p50 ms", "p99 ms", "");
    for (Sweep.Tried tried : all) {
      table.row(
          Integer.toString(tried.setting().maxBatchRows()),
          Integer.toString(tried.setting().instances()),
          Integer.toString(tried.setting().threads()),
          String.format(Locale.ROOT, "%,.0f", tried.measured().rowsPerSecond()),
          shown(tried.measured().p50Micros()),
          shown(tried.measured().p99Micros()),
          best.filter(tried::equals).isPresent() ? "best" : "");
    }
    print(subject, table);
    if (best.isEmpty()) {
      bench.screen().line("No setting answers within " + within + " ms.");
    }
  }
}
