package dev.lathe.server;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads Prometheus' text format 0.0.4 and refuses what Prometheus would: samples apart from their
 * family, a family or series twice, names that are none, histograms that do not add up.
 */
final class PrometheusText {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");
  private static final Pattern LABELS =
      Pattern.compile(
          "[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\\\\n]|\\\\[\\\\\"n])*\""
              + "(?:,[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\\\\n]|\\\\[\\\\\"n])*\")*,?");
  private static final Pattern SAMPLE = Pattern.compile("([^{ ]+)(?:\\{(.*)\\})? (\\S+)");
  private static final Pattern BOUND = Pattern.compile(",?le=\"([^\"]+)\"");

  private final Map<String, Double> samples = new LinkedHashMap<>();
  private final Map<String, Family> families = new LinkedHashMap<>();
  private final Map<String, Double> buckets = new LinkedHashMap<>();
  private Family current = new Family("", "", "");

  /** What is said of samples of one name. */
  record Family(String name, String type, String help) {}

  private PrometheusText() {}

  /** Every sample, by name and labels as written. */
  static Map<String, Double> read(String text) {
    return parse(text).samples;
  }

  /** The families by name. */
  static List<Family> families(String text) {
    List<Family> all = new ArrayList<>(parse(text).families.values());
    all.sort(Comparator.comparing(Family::name));
    return all;
  }

  private static PrometheusText parse(String text) {
    if (!text.endsWith("\n")) {
      throw new AssertionError("the last line has no end");
    }
    PrometheusText reader = new PrometheusText();
    text.lines().forEach(reader::line);
    reader.buckets.forEach(
        (series, count) -> {
          if (!count.equals(reader.samples.get(series))) {
            throw new AssertionError(series + ": the last bucket has " + count);
          }
        });
    return reader;
  }

  private void line(String line) {
    String[] words = line.split(" ", 4);
    if (line.startsWith("# HELP ")) {
      require(words.length == 4 && NAME.matcher(words[2]).matches(), line);
      current = new Family(words[2], "", words[3]);
    } else if (line.startsWith("# TYPE ")) {
      require(current.name.equals(words[2]), "TYPE without HELP: " + line);
      require(words[3].matches("counter|gauge|histogram|summary|untyped"), line);
      current = new Family(words[2], words[3], current.help);
      require(families.put(words[2], current) == null, "family twice: " + line);
    } else {
      sample(line);
    }
  }

  private void sample(String line) {
    Matcher matcher = SAMPLE.matcher(line);
    require(matcher.matches(), "no sample: " + line);
    String name = matcher.group(1);
    String labels = matcher.group(2) == null ? "" : matcher.group(2);
    require(NAME.matcher(name).matches() && belongs(name), "apart from its family: " + line);
    require(labels.isEmpty() || LABELS.matcher(labels).matches(), "labels: " + line);
    double value = Double.parseDouble(matcher.group(3).replace("Inf", "Infinity"));
    require(!current.type.equals("counter") || value >= 0, "a negative counter: " + line);
    String series = labels.isEmpty() ? name : name + "{" + labels + "}";
    require(samples.put(series, value) == null, "series twice: " + line);
    if (current.type.equals("histogram") && name.endsWith("_bucket")) {
      bucket(labels, value, line);
    }
  }

  private void bucket(String labels, double value, String line) {
    require(BOUND.matcher(labels).find(), "a bucket without le: " + line);
    String others = BOUND.matcher(labels).replaceAll("");
    String count = current.name + "_count" + (others.isEmpty() ? "" : "{" + others + "}");
    Double before = buckets.put(count, value);
    require(before == null || before <= value, "buckets do not add up: " + line);
  }

  private boolean belongs(String name) {
    return switch (current.type) {
      case "histogram" -> name.matches(Pattern.quote(current.name) + "_(bucket|sum|count)");
      case "summary" -> name.matches(Pattern.quote(current.name) + "(_sum|_count|)");
      default -> name.equals(current.name);
    };
  }

  private static void require(boolean holds, String problem) {
    if (!holds) {
      throw new AssertionError(problem);
    }
  }
}
