package dev.lathe.registry;

import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The README of a version: what it is, how good it is, how to call it. */
final class ModelCard {
  static final String PATH = "README.md";

  private static final String SERVER = "http://127.0.0.1:8080";
  private static final int MOST_LABELS = 20;
  private static final int MOST_NUMBERS = 8;

  private ModelCard() {}

  static String write(ModelName model, VersionTag tag, StagedRelease release) {
    Metadata about = release.metadata();
    StringBuilder card = new StringBuilder();
    card.append("# ").append(model).append(' ').append(tag).append("\n\n");
    if (!release.message().isEmpty()) {
      card.append(release.message()).append("\n\n");
    }
    facts(card, about);
    metrics(card, about.lineage().metrics());
    signature(card, about.signature());
    call(card, model, about.signature());
    get(card, model, tag);
    return card.toString();
  }

  private static void facts(StringBuilder card, Metadata about) {
    Lineage lineage = about.lineage();
    if (!about.task().isEmpty()) {
      card.append("- Task: ").append(plain(about.task())).append('\n');
    }
    if (!about.labels().isEmpty()) {
      String some =
          about.labels().stream()
              .limit(MOST_LABELS)
              .map(ModelCard::plain)
              .collect(Collectors.joining(", "));
      String more = about.labels().size() > MOST_LABELS ? ", ..." : "";
      card.append("- Labels (").append(about.labels().size()).append("): ");
      card.append(some).append(more).append('\n');
    }
    card.append("- Made by: ").append(plain(lineage.operation()));
    card.append(", ").append(plain(lineage.tool()));
    card.append(", seed ").append(lineage.seed()).append('\n');
    if (!lineage.parents().isEmpty()) {
      card.append("- Made from: ");
      card.append(plain(String.join(", ", lineage.parents()))).append('\n');
    }
    for (DataDigest data : lineage.data()) {
      card.append("- Data: ").append(plain(data.name())).append(", ").append(data.examples());
      card.append(" examples, SHA-256 ").append(plain(data.sha256())).append('\n');
    }
    card.append("\nAll that is known is in `lathe.yaml`.\n\n");
  }

  private static void metrics(StringBuilder card, Map<String, Double> metrics) {
    if (metrics.isEmpty()) {
      return;
    }
    card.append("## Metrics\n\n| metric | value |\n| --- | --- |\n");
    metrics.forEach(
        (name, value) ->
            card.append("| ")
                .append(plain(name))
                .append(" | ")
                .append(String.format(Locale.ROOT, "%.6g", value))
                .append(" |\n"));
    card.append('\n');
  }

  private static void signature(StringBuilder card, Signature signature) {
    card.append("## Inputs and outputs\n\n");
    card.append("| | name | datatype | shape |\n| --- | --- | --- | --- |\n");
    signature.inputs().forEach(input -> row(card, "input", input));
    signature.outputs().forEach(output -> row(card, "output", output));
    card.append('\n');
  }

  private static void row(StringBuilder card, String kind, TensorSpec tensor) {
    card.append("| ").append(kind).append(" | ").append(plain(tensor.name()));
    card.append(" | ").append(tensor.datatype());
    card.append(" | ").append(tensor.shape()).append(" |\n");
  }

  private static void call(StringBuilder card, ModelName model, Signature signature) {
    if (signature.inputs().isEmpty()) {
      return;
    }
    String inputs =
        signature.inputs().stream().map(ModelCard::example).collect(Collectors.joining(", "));
    card.append("## Call it\n\nWith a server at ").append(SERVER).append(":\n\n```\ncurl -s ");
    card.append(SERVER).append("/v2/models/").append(model).append("/infer -d '{\"inputs\": [");
    card.append(inputs).append("]}'\n```\n\n");
  }

  private static String example(TensorSpec input) {
    List<Long> shape = input.shape().stream().map(size -> size < 0 ? 1L : size).toList();
    double count = shape.stream().mapToDouble(Long::doubleValue).reduce(1, (a, b) -> a * b);
    String number = input.datatype().equals("BYTES") ? "\"...\"" : "0";
    String numbers =
        String.join(", ", Collections.nCopies((int) Math.min(count, MOST_NUMBERS), number));
    String more = count > MOST_NUMBERS ? ", ..." : "";
    return "{\"name\": \""
        + plain(input.name())
        + "\", \"datatype\": \""
        + input.datatype()
        + "\", \"shape\": "
        + shape
        + ", \"data\": ["
        + numbers
        + more
        + "]}";
  }

  private static void get(StringBuilder card, ModelName model, VersionTag tag) {
    card.append("## Get it\n\n```\ngit clone -b ").append(tag).append(' ');
    card.append(SERVER).append("/git/").append(model).append(".git\n```\n\n");
    card.append("Git LFS fetches the large files.\n");
  }

  /** Outside text without what Markdown or a shell would take for its own. */
  private static String plain(String text) {
    return text.replaceAll("[\\p{Cntrl}|`<>\\[\\]'\"\\\\*]", " ").strip();
  }
}
