package dev.lathe.train.data;

import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.prepare.Encoded;
import dev.lathe.prepare.Specials;
import dev.lathe.prepare.TextSettings;
import dev.lathe.prepare.Tokenizer;
import dev.lathe.train.ArchitectureRecipe;
import dev.lathe.train.LastLayer;
import dev.lathe.train.Recipe;
import dev.lathe.train.TrainError;
import dev.lathe.train.chat.ChatTokens;
import dev.lathe.train.data.TokenInputs.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A base that texts are brought to: its own tokenizer, the inputs of its graph, and what the
 * settings beside it say.
 */
final class TextsOfBase implements AutoCloseable {
  private static final Map<String, Kind> KNOWN =
      Map.of(
          "input_ids",
          Kind.TOKENS,
          Part.FEATURES,
          Kind.TOKENS,
          Sequences.MASK,
          Kind.MASK,
          Sequences.TYPES,
          Kind.TYPES,
          "position_ids",
          Kind.PLACES);

  /** Operators whose output has the tokens that they take. */
  private static final Set<String> PASSING = Set.of("Identity", "Cast", "Reshape", "Unsqueeze");

  /** Characters that the tokenizer takes at once. */
  private static final int PIECE = 1 << 20;

  private final Path folder;
  private final Graph graph;
  private final TextSettings settings;
  private final TokenInputs inputs;
  private final Tokenizer tokenizer;
  private final int tokens;
  private final int length;
  private int read;
  private int cut;

  private TextsOfBase(ArchitectureRecipe.Base base, int length) {
    this.folder = base.folder();
    this.graph = OnnxFile.read(base.model()).graph();
    this.settings =
        new TextSettings(
            ChatTokens.config(folder, "config.json"),
            ChatTokens.config(folder, "tokenizer_config.json"),
            ChatTokens.config(folder, "sentence_bert_config.json"));
    this.inputs = inputs(base.model().getFileName(), graph, settings.padding());
    this.length = length;
    requireLength();
    Path file = folder.resolve(PairFiles.TOKENIZER);
    if (!Files.isRegularFile(file)) {
      throw new LatheException(
          TrainError.UNSUPPORTED_MODEL,
          "base: no tokenizer.json beside "
              + base.model().getFileName()
              + " (expected: the one that it was trained with, or data.vocabulary for tokens that"
              + " are learned here)");
    }
    this.tokenizer = PairFiles.beside(folder);
    this.tokens = embedded();
  }

  /**
   * Opens a recipe's base.
   *
   * @param recipe the recipe
   * @param length the most tokens that it says
   * @return the base; the caller closes it
   * @throws LatheException UNSUPPORTED_MODEL if it has no tokenizer, or takes what texts do not
   *     give; BAD_RECIPE if it does not take as many tokens
   */
  static TextsOfBase open(Recipe recipe, int length) {
    return new TextsOfBase((ArchitectureRecipe.Base) recipe.architecture(), length);
  }

  private static TokenInputs inputs(Path file, Graph graph, int padding) {
    List<ValueInfo> required = graph.requiredInputs();
    LinkedHashMap<String, Kind> kinds = new LinkedHashMap<>();
    for (ValueInfo input : required) {
      Kind kind = required.size() == 1 ? Kind.TOKENS : KNOWN.get(input.name());
      if (kind == null || !isRows(input)) {
        throw new LatheException(
            TrainError.UNSUPPORTED_MODEL,
            "base "
                + file
                + ": input "
                + input
                + " (expected: input_ids, attention_mask, token_type_ids, position_ids, INT64 [N,"
                + " T], which are what texts give)");
      }
      if (kind == Kind.TOKENS) {
        kinds.putFirst(input.name(), kind);
      } else {
        kinds.put(input.name(), kind);
      }
    }
    if (kinds.values().stream().filter(Kind.TOKENS::equals).count() != 1) {
      throw new LatheException(
          TrainError.UNSUPPORTED_MODEL,
          "base " + file + ": inputs " + kinds.keySet() + " (expected: one of tokens, input_ids)");
    }
    return new TokenInputs(kinds, padding);
  }

  private static boolean isRows(ValueInfo input) {
    Shape shape = input.tensorType().shape();
    return input.tensorType().element() == ElementType.INT64 && shape.ranked() && shape.rank() == 2;
  }

  private void requireLength() {
    int fixed = fixedLength();
    int most = fixed > 0 ? fixed : settings.longest().orElse(Integer.MAX_VALUE);
    if (length > most) {
      throw new LatheException(
          TrainError.BAD_RECIPE,
          "data.length: " + length + " (expected: at most " + most + ", as the base takes)");
    }
  }

  /** T where the graph takes no other; 0 if it is open. */
  private int fixedLength() {
    Shape shape = graph.input(tokensInput()).orElseThrow().tensorType().shape();
    return shape.dim(1) instanceof Dim.Fixed(long size) ? Math.toIntExact(size) : 0;
  }

  private String tokensInput() {
    return inputs.kinds().keySet().iterator().next();
  }

  /** How many tokens have a row of the table that the graph takes them from. */
  private int embedded() {
    Set<String> passed = new HashSet<>(Set.of(tokensInput()));
    for (Node node : graph.nodes()) {
      if (PASSING.contains(node.op()) && passed.contains(node.input(0))) {
        passed.addAll(node.outputs());
      }
      if (node.op().equals("Gather") && passed.contains(node.input(1))) {
        Tensor table = graph.initializers().get(node.input(0));
        if (table != null && table.rank() == 2) {
          return Math.toIntExact(table.dim(0));
        }
      }
    }
    return Integer.MAX_VALUE;
  }

  /** What the base takes of a sequence. */
  TokenInputs inputs() {
    return inputs;
  }

  /** The form of sequences that the base takes, for some of these. */
  Sequences.Form form(List<Sequences.Labelled> all, int batch, Sequences.Classes classes) {
    int fixed = fixedLength();
    return new Sequences.Form(
        fixed > 0 ? fixed : Sequences.longest(all),
        batch,
        tokenizer.vocabulary().size(),
        classes,
        fixed > 0 ? fixed : Sequences.STEP,
        inputs);
  }

  /** Scores of the first output: as many as it says, or as there are tokens. */
  int scores() {
    Shape shape = graph.outputs().getFirst().tensorType().shape();
    return shape.ranked()
            && shape.rank() > 0
            && shape.dim(shape.rank() - 1) instanceof Dim.Fixed(long size)
        ? Math.toIntExact(size)
        : tokenizer.vocabulary().size();
  }

  /** The most tokens of a sequence. */
  int length() {
    return length;
  }

  /**
   * The tokens of a text.
   *
   * @param text the text
   * @param specials whether there are the tokenizer's own as well
   * @param where what to call it in errors
   * @throws LatheException UNSUPPORTED_MODEL if the tokenizer knows more tokens than the graph
   */
  Encoded encode(String text, Specials specials, String where) {
    Encoded encoded = tokenizer.encode(text, specials);
    for (int token : encoded.ids()) {
      if (token >= tokens) {
        throw new LatheException(
            TrainError.UNSUPPORTED_MODEL,
            where
                + ": token "
                + token
                + " \""
                + tokenizer.vocabulary().token(token)
                + "\" of the base's tokenizer.json (expected: below "
                + tokens
                + ", the rows of its embedding)");
      }
    }
    return encoded;
  }

  /**
   * The tokens of a long text, without special ones, in pieces that end with a line as far as there
   * are lines.
   *
   * @param text the text
   */
  int[] encode(String text) {
    IntStream.Builder all = IntStream.builder();
    int from = 0;
    while (from < text.length()) {
      int to = Math.min(text.length(), from + PIECE);
      int line = text.lastIndexOf('\n', to - 1) + 1;
      if (to < text.length()) {
        to = line > from ? line : to;
        to -= Character.isHighSurrogate(text.charAt(to - 1)) ? 1 : 0;
      }
      IntStream.of(encode(text.substring(from, to), Specials.WITHOUT, "text").ids())
          .forEach(all::add);
      from = to;
    }
    return all.build().toArray();
  }

  /**
   * A text with its special tokens as a sequence; the end of one that is too long is cut off before
   * those that stand last.
   *
   * @param text the text
   * @param classes its class
   * @param where what to call it in errors
   */
  Sequences.Labelled cut(String text, int[] classes, String where) {
    Encoded all = encode(text, Specials.WITH, where);
    if (all.length() == 0) {
      throw new LatheException(TrainError.BAD_DATA, where + ": no tokens (expected: at least one)");
    }
    read++;
    if (all.length() <= length) {
      return new Sequences.Labelled(all.ids(), all.types(), classes);
    }
    cut++;
    int behind = Math.min(specialsBehind(all), length - 1);
    return new Sequences.Labelled(
        joined(all.ids(), length - behind, behind),
        joined(all.types(), length - behind, behind),
        classes);
  }

  /** The first and the last ones of some values. */
  private static int[] joined(int[] values, int first, int last) {
    int[] kept = Arrays.copyOf(values, first + last);
    System.arraycopy(values, values.length - last, kept, first, last);
    return kept;
  }

  /** What whoever asked should know of texts that were cut, and of filling up without a mask. */
  List<String> remarks() {
    List<String> remarks = new ArrayList<>();
    if (cut > 0) {
      remarks.add(cut + " of " + read + " texts are longer than " + length + " tokens and cut");
    }
    if (!inputs.kinds().containsValue(Kind.MASK)) {
      remarks.add(
          "the base takes no attention_mask: it sees token "
              + inputs.padding()
              + " where shorter texts are filled up");
    }
    return remarks;
  }

  /** Special tokens at the end of a text. */
  static int specialsBehind(Encoded encoded) {
    int behind = 0;
    while (behind < encoded.length() && isSpecial(encoded, encoded.length() - 1 - behind)) {
      behind++;
    }
    return behind;
  }

  private static boolean isSpecial(Encoded encoded, int place) {
    return encoded.ends()[place] == 0;
  }

  /**
   * Classes as the base has them, where it has names for all of them and keeps its head.
   *
   * @param found those of the data
   */
  List<String> labels(List<String> found, ArchitectureRecipe.Base base) {
    List<String> own = settings.labels();
    boolean same = base.head() == LastLayer.KEPT && own.containsAll(found);
    return same ? own : found;
  }

  /** Settings of a classifier of these classes, where the base has settings. */
  Map<String, String> files(List<String> labels) {
    return settings.config().isEmpty() || labels.equals(settings.labels())
        ? Map.of()
        : Map.of("config.json", ClassSettings.of(settings.config(), labels));
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
