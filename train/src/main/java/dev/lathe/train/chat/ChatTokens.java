package dev.lathe.train.chat;

import dev.lathe.ir.LatheException;
import dev.lathe.prepare.ChatTemplate;
import dev.lathe.prepare.Encoded;
import dev.lathe.prepare.Specials;
import dev.lathe.prepare.Tokenizer;
import dev.lathe.train.TrainError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Examples as the tokens that a served model would see and say: conversations are written out by
 * its own template, and every text is encoded by its own tokenizer as a whole, so that no token
 * stands in training that serving would not have.
 *
 * <p>Of a conversation those tokens are learned that begin within an answer, as far as its last end
 * token. An answer is what the template writes beyond what it writes to ask for it. Some templates
 * write an answer otherwise once another follows (they leave thoughts out, say): such a
 * conversation becomes one example for each answer, with what came before as its prompt.
 */
public final class ChatTokens implements AutoCloseable {
  private static final long LARGEST_CONFIG = 4L << 20;

  /** Each answer is written out with all before it, which is much for many in a long one. */
  private static final long MOST_WRITTEN = 256L << 20;

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final Map<String, JsonNode> ANSWER_BEGINS =
      Map.of(ChatTemplate.ANSWER_BEGINS, NODES.booleanNode(true));

  private final Tokenizer tokenizer;
  private final Optional<ChatTemplate> template;
  private final Set<Integer> ends;
  private final int tokens;

  private ChatTokens(
      Tokenizer tokenizer, Optional<ChatTemplate> template, Set<Integer> ends, int tokens) {
    this.tokenizer = tokenizer;
    this.template = template;
    this.ends = ends;
    this.tokens = tokens;
  }

  /**
   * Opens what lies beside a model.
   *
   * @param folder a version's files
   * @param tokens how many tokens the model knows
   * @return the maker of tokens; the caller closes it
   * @throws LatheException UNSUPPORTED_MODEL if there is no tokenizer; what the files say
   */
  public static ChatTokens open(Path folder, int tokens) {
    Path file = folder.resolve("tokenizer.json");
    if (!Files.isRegularFile(file)) {
      throw new LatheException(
          TrainError.UNSUPPORTED_MODEL,
          "base: no tokenizer.json beside the model (expected: a language model with its"
              + " tokenizer)");
    }
    Optional<ChatTemplate> template = ChatTemplate.read(folder);
    Set<Integer> ends = new LinkedHashSet<>(ends(folder, "generation_config.json"));
    if (ends.isEmpty()) {
      ends.addAll(ends(folder, "config.json"));
    }
    return new ChatTokens(Tokenizer.open(file), template, ends, tokens);
  }

  private static List<Integer> ends(Path folder, String name) {
    JsonNode said = config(folder, name).path("eos_token_id");
    List<Integer> ends = new ArrayList<>();
    (said.isArray() ? said : NODES.arrayNode().add(said))
        .forEach(
            end -> {
              if (end.isInt()) {
                ends.add(end.intValue());
              }
            });
    return ends;
  }

  /**
   * Settings beside a model.
   *
   * @param folder a version's files
   * @param name the file's name, such as {@code config.json}
   * @return an empty object if there is no such file, or it is very large
   * @throws LatheException UNSUPPORTED_MODEL if it is not JSON
   */
  public static JsonNode config(Path folder, String name) {
    Path file = folder.resolve(name);
    try {
      return Files.isRegularFile(file) && Files.size(file) <= LARGEST_CONFIG
          ? JsonMapper.shared().readTree(Files.readString(file))
          : NODES.objectNode();
    } catch (IOException | JacksonException e) {
      throw new LatheException(
          TrainError.UNSUPPORTED_MODEL, "base: " + name + ": cannot be read as JSON", e);
    }
  }

  /**
   * The longest text that a model takes.
   *
   * @param folder a version's files
   * @return tokens; a very large number where {@code config.json} says nothing
   */
  public static int context(Path folder) {
    JsonNode config = config(folder, "config.json");
    for (String key : List.of("max_position_embeddings", "n_positions")) {
      if (config.path(key).isInt() && config.path(key).intValue() > 0) {
        return config.path(key).intValue();
      }
    }
    return Integer.MAX_VALUE;
  }

  /**
   * Makes the tokens of an example.
   *
   * @param line the example
   * @param taker takes one sequence; several, one after the other, for a conversation whose answers
   *     are written otherwise later on
   * @throws LatheException TOO_LARGE if the template writes very much; BAD_DATA if there is no
   *     template, or it does not write answers after what asks for them; REFUSED_BY_TEMPLATE in the
   *     template's own words
   */
  public void each(ChatLine line, Consumer<Learned> taker) {
    switch (line) {
      case ChatLine.Chat chat -> chat(chat, taker);
      case ChatLine.Completion both ->
          taker.accept(
              ended(
                  both.prompt() + both.completion(),
                  both.prompt().codePointCount(0, both.prompt().length())));
      case ChatLine.Plain plain -> taker.accept(ended(plain.text(), 0));
    }
  }

  /** A text, learned from a place on, with the token that ends it. */
  private Learned ended(String text, int from) {
    Encoded encoded = tokenizer.encode(text, Specials.WITH);
    int[] ids = encoded.ids();
    boolean open = ends.isEmpty() || ids.length > 0 && ends.contains(ids[ids.length - 1]);
    int[] all = open ? ids : Arrays.copyOf(ids, ids.length + 1);
    if (!open) {
      all[ids.length] = ends.iterator().next();
    }
    boolean[] learned = new boolean[all.length];
    for (int i = 0; i < all.length; i++) {
      learned[i] =
          i >= ids.length || encoded.ends()[i] > encoded.starts()[i] && encoded.starts()[i] >= from;
    }
    if (all.length > 0) {
      // An end token that the tokenizer itself sets stands for no text.
      learned[all.length - 1] |= ends.contains(all[all.length - 1]);
    }
    return learned(all, learned);
  }

  /** The beginning and the end of an answer in a text, in UTF-16 units. */
  private record Span(int from, int to) {}

  private void chat(ChatLine.Chat chat, Consumer<Learned> taker) {
    Writing writing = new Writing(chat);
    String whole = writing.asFarAs(chat.messages().size(), Map.of());
    List<Span> spans = new ArrayList<>();
    boolean together = true;
    for (int place : chat.learned()) {
      String asked = writing.asFarAs(place, ANSWER_BEGINS);
      String answered = writing.asFarAs(place + 1, Map.of());
      if (!answered.startsWith(asked)) {
        throw ChatFile.bad(
            "messages["
                + place
                + "]: the chat template does not write the answer after what asks for it");
      }
      spans.add(new Span(asked.length(), answered.length()));
      together &= whole.startsWith(answered);
    }
    if (together) {
      taker.accept(learned(whole, spans));
      return;
    }
    for (int i = 0; i < spans.size(); i++) {
      String answered = writing.asFarAs(chat.learned().get(i) + 1, Map.of());
      taker.accept(learned(answered, List.of(spans.get(i))));
    }
  }

  /**
   * Writes a conversation out as far as one place and another, but not more than so much in all.
   */
  private final class Writing {
    private final ChatLine.Chat chat;
    private long written;

    Writing(ChatLine.Chat chat) {
      this.chat = chat;
    }

    String asFarAs(int count, Map<String, JsonNode> variables) {
      String text = rendered(chat, count, variables);
      written += text.length();
      if (written > MOST_WRITTEN) {
        throw new LatheException(
            TrainError.TOO_LARGE,
            "messages: written out as far as each of its "
                + chat.learned().size()
                + " answers it has more than "
                + MOST_WRITTEN
                + " characters (expected: at most so many; make several conversations of it)");
      }
      return text;
    }
  }

  private String rendered(ChatLine.Chat chat, int count, Map<String, JsonNode> variables) {
    ChatTemplate found =
        template.orElseThrow(
            () ->
                ChatFile.bad(
                    "messages: the base has no chat template (expected: prompt and completion, or"
                        + " text)"));
    ArrayNode messages = NODES.arrayNode();
    for (ObjectNode message : chat.messages().subList(0, count)) {
      messages.add(message);
    }
    return found.render(messages, chat.tools(), variables);
  }

  private Learned learned(String text, List<Span> spans) {
    Encoded encoded = tokenizer.encode(text, Specials.WITHOUT);
    boolean[] learned = new boolean[encoded.length()];
    for (Span span : spans) {
      int from = text.codePointCount(0, span.from());
      int to = text.codePointCount(0, span.to());
      int last = -1;
      for (int i = 0; i < learned.length; i++) {
        if (encoded.starts()[i] >= from && encoded.ends()[i] <= to) {
          learned[i] = true;
          last = ends.contains(encoded.ids()[i]) ? i : last;
        }
      }
      for (int i = last + 1; last >= 0 && i < learned.length; i++) {
        learned[i] &= encoded.starts()[i] < from || encoded.starts()[i] >= to;
      }
    }
    return learned(encoded.ids(), learned);
  }

  /** What is seen is all but the last token; what is said is all but the first. */
  private Learned learned(int[] ids, boolean[] learned) {
    for (int id : ids) {
      if (id >= tokens) {
        throw new LatheException(
            TrainError.UNSUPPORTED_MODEL,
            "base: its tokenizer knows a token "
                + id
                + ", its scores have places for "
                + tokens
                + " (expected: one for each token)");
      }
    }
    int count = Math.max(0, ids.length - 1);
    int[] targets = new int[count];
    for (int i = 0; i < count; i++) {
      targets[i] = learned[i + 1] ? ids[i + 1] : Learned.NOT_LEARNED;
    }
    return new Learned(Arrays.copyOf(ids, count), targets);
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
