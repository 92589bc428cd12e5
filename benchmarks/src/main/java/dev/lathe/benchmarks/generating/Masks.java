package dev.lathe.benchmarks.generating;

import dev.lathe.benchmarks.Report;
import dev.lathe.generate.Constraint;
import dev.lathe.generate.Constraint.Space;
import dev.lathe.generate.Constraints;
import dev.lathe.generate.TokenConstraint;
import dev.lathe.prepare.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;

/** How long the masks of constraints take over a large vocabulary, by CPU time of one thread. */
public final class Masks {
  private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();
  private static final int TOKENS = 1500;
  private static final int WALKS = 8;
  private static final String SCHEMA =
      """
      {"type": "object", "required": ["name", "age", "notes", "email", "tags", "kind", "child"],
       "additionalProperties": false, "properties": {
       "name": {"type": "string"}, "age": {"type": "integer", "minimum": 0, "maximum": 120},
       "notes": {"type": "string", "maxLength": 200}, "email": {"type": "string", "format": "email"},
       "tags": {"type": "array", "items": {"type": "string", "maxLength": 30}, "maxItems": 10},
       "kind": {"enum": ["red", "green", "blue"]},
       "child": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}}}
      """;

  private static final String BYTES =
      "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"trim_offsets\":true,\"use_regex\":true}";

  private Masks() {}

  /**
   * Measures.
   *
   * @param tokens how many tokens the vocabulary has
   * @return the report
   */
  public static Report run(int tokens) {
    Report report =
        new Report(
            "Masks",
            "Random walks of up to "
                + TOKENS
                + " tokens along the masks of a constraint, "
                + WALKS
                + " with each, over "
                + tokens
                + " tokens made of random syllables; the first of two rounds warms the JIT compiler"
                + " up, both compile the constraint anew. CPU time of one thread, milliseconds."
                + " Reproduce: `benchmarks/run masks`.");
    Map<String, Constraint> constraints = new LinkedHashMap<>();
    constraints.put(
        "JSON Schema of seven properties", new Constraint.JsonSchema(SCHEMA, Space.ONE));
    constraints.put("any JSON object", new Constraint.JsonObject(Space.SOME));
    constraints.put("expression of a date", new Constraint.Regex("(19|20)\\d\\d-[01]\\d-[0-3]\\d"));
    constraints.put(
        "grammar of sums",
        new Constraint.Grammar(
            "root ::= e\ne ::= e \"+\" t | t\nt ::= [a-z]+ | [0-9]+ | \"(\" e \")\""));
    constraints.put("text of 5000 characters", new Constraint.Regex("[^\"]{1,5000}"));
    report.header("constraint", "compiled", "masks", "mean", "p50", "p99", "most");
    Path file = vocabulary(tokens);
    try (Tokenizer tokenizer = Tokenizer.open(file)) {
      constraints.forEach(
          (name, constraint) -> {
            measure(Constraints.of(tokenizer), constraint);
            report.row(row(name, measure(Constraints.of(tokenizer), constraint)));
          });
    }
    return report;
  }

  private static String[] row(String name, double[] figures) {
    String[] cells = new String[figures.length + 1];
    cells[0] = name;
    for (int i = 0; i < figures.length; i++) {
      cells[i + 1] = i == 1 ? Integer.toString((int) figures[i]) : "%.3f".formatted(figures[i]);
    }
    return cells;
  }

  private static double[] measure(Constraints constraints, Constraint constraint) {
    long before = CPU.getCurrentThreadCpuTime();
    TokenConstraint start = constraints.start(constraint);
    double compiled = (CPU.getCurrentThreadCpuTime() - before) / 1e6;
    double[] times = new double[TOKENS * WALKS];
    int count = 0;
    for (int walk = 0; walk < WALKS; walk++) {
      Random random = new Random(walk);
      TokenConstraint at = start;
      for (int i = 0; i < TOKENS && !at.finished(); i++) {
        long from = CPU.getCurrentThreadCpuTime();
        long[] bits = at.allowed();
        times[count++] = (CPU.getCurrentThreadCpuTime() - from) / 1e6;
        at = at.after(draw(bits, random));
      }
    }
    times = Arrays.copyOf(times, count);
    double mean = Arrays.stream(times).average().orElse(0);
    Arrays.sort(times);
    return new double[] {
      compiled, count, mean, times[count / 2], times[count * 99 / 100], times[count - 1]
    };
  }

  /** Now and then one of the first tokens, which are single characters and close things. */
  private static int draw(long[] bits, Random random) {
    BitSet allowed = BitSet.valueOf(bits);
    int first = allowed.nextSetBit(random.nextInt(8) == 0 ? 0 : random.nextInt(bits.length * 64));
    return first < 0 ? allowed.nextSetBit(0) : first;
  }

  /**
   * A tokenizer of single bytes, marks of JSON and words of syllables, with and without a space.
   */
  private static Path vocabulary(int tokens) {
    Map<String, Integer> ids = new LinkedHashMap<>();
    for (String one : new String[] {"\"", "}", "]", ")"}) {
      ids.put(one, ids.size());
    }
    for (int b = 0, moved = 256; b < 256; b++) {
      boolean visible = b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE;
      ids.putIfAbsent(Character.toString(visible ? b : moved++), ids.size());
    }
    for (String a : "{ } [ ] \" : , Ġ Ċ".split(" ")) {
      for (String b : "{ } [ ] \" : , Ġ Ċ {\" \", Ġ\" \":".split(" ")) {
        ids.putIfAbsent(a + b, ids.size());
      }
    }
    Random random = new Random(1);
    while (ids.size() < tokens) {
      StringBuilder word = new StringBuilder(random.nextInt(3) == 0 ? "" : "Ġ");
      for (int i = random.nextInt(5); i >= 0; i--) {
        word.append("bcdfghklmnprstvw".charAt(random.nextInt(16)));
        word.append("aeiouy".charAt(random.nextInt(6)));
      }
      ids.putIfAbsent(word.toString(), ids.size());
    }
    String vocabulary =
        ids.entrySet().stream()
            .map(
                token ->
                    "\""
                        + token.getKey().replace("\\", "\\\\").replace("\"", "\\\"")
                        + "\":"
                        + token.getValue())
            .collect(Collectors.joining(","));
    String json =
        "{\"version\":\"1.0\",\"added_tokens\":[],\"decoder\":BYTES,"
            + "\"pre_tokenizer\":BYTES,"
            + "\"model\":{\"type\":\"BPE\",\"merges\":[],\"vocab\":{"
            + vocabulary
            + "}}}";
    try {
      Path file = Files.createTempFile("masks", ".json");
      file.toFile().deleteOnExit();
      return Files.writeString(file, json.replace("BYTES", BYTES));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
