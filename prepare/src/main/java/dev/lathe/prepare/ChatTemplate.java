package dev.lathe.prepare;

import dev.lathe.ir.LatheException;
import dev.lathe.prepare.template.Template;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * How a conversation is written out for a model: a Jinja template, rendered as Hugging Face's
 * {@code apply_chat_template} renders it. May be used by many threads.
 */
public final class ChatTemplate {
  /** The variable that asks for the beginning of an answer after the messages. */
  public static final String ANSWER_BEGINS = "add_generation_prompt";

  private static final int LONGEST_FILE = 4 << 20;
  private static final int DEEPEST = 64;
  private static final String CONFIG = "tokenizer_config.json";
  private static final List<String> SPECIALS =
      List.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");

  private final String source;
  private final Template template;
  private final Map<String, String> specials;
  private final Clock clock;

  private ChatTemplate(String source, Map<String, String> specials, Clock clock) {
    this.source = source;
    this.template = Template.of(source);
    this.specials = specials;
    this.clock = clock;
  }

  /**
   * Reads a template.
   *
   * @param source its text
   * @param specials special tokens by the names that templates know, such as {@code bos_token}
   * @return the template
   * @throws LatheException BAD_TEMPLATE
   */
  public static ChatTemplate of(String source, Map<String, String> specials) {
    return new ChatTemplate(source, Map.copyOf(specials), Clock.systemDefaultZone());
  }

  /**
   * The template's text.
   *
   * @return as its author wrote it
   */
  public String source() {
    return source;
  }

  /**
   * The template of a model.
   *
   * @param folder holds {@code chat_template.jinja} or {@code tokenizer_config.json}, as Hugging
   *     Face's tools write them
   * @return the template; empty if the model has none
   * @throws LatheException BAD_TEMPLATE
   */
  public static Optional<ChatTemplate> read(Path folder) {
    JsonNode config = JsonNodeFactory.instance.objectNode();
    if (Files.isRegularFile(folder.resolve(CONFIG))) {
      config = json(text(folder.resolve(CONFIG)));
    }
    Path own = folder.resolve("chat_template.jinja");
    Optional<String> source =
        Files.isRegularFile(own) ? Optional.of(text(own)) : source(config.path("chat_template"));
    Map<String, String> specials = specials(config);
    return source.map(text -> of(text, specials));
  }

  private static String text(Path file) {
    try {
      if (Files.size(file) > LONGEST_FILE) {
        throw bad(file.getFileName() + ": larger than " + LONGEST_FILE + " bytes");
      }
      return Files.readString(file);
    } catch (IOException e) {
      throw new LatheException(
          PrepareError.BAD_TEMPLATE, file.getFileName() + ": cannot be read as UTF-8", e);
    }
  }

  private static JsonNode json(String text) {
    try {
      return JsonMapper.shared().readTree(text);
    } catch (JacksonException e) {
      throw new LatheException(PrepareError.BAD_TEMPLATE, CONFIG + ": no JSON", e);
    }
  }

  private static LatheException bad(String message) {
    return new LatheException(PrepareError.BAD_TEMPLATE, message);
  }

  /** The template itself, or the one named {@code default} of several. */
  private static Optional<String> source(JsonNode said) {
    if (said.isString()) {
      return Optional.of(said.stringValue());
    }
    for (JsonNode one : said) {
      if (one.path("name").asString("").equals("default")) {
        return Optional.of(one.path("template").asString(""));
      }
    }
    return Optional.empty();
  }

  private static Map<String, String> specials(JsonNode config) {
    Map<String, String> specials = new LinkedHashMap<>();
    for (String name : SPECIALS) {
      JsonNode token = config.path(name);
      JsonNode content = token.isObject() ? token.path("content") : token;
      if (content.isString()) {
        specials.put(name, content.stringValue());
      }
    }
    return specials;
  }

  /**
   * Writes a conversation out.
   *
   * @param messages an array of objects with {@code role}, {@code content} and what else the
   *     template knows
   * @param tools an array of functions, or null
   * @param variables what the template is told besides, such as {@link #ANSWER_BEGINS}
   * @return the text, special tokens written in it: it is encoded without adding any
   * @throws LatheException REFUSED_BY_TEMPLATE in the template's own words; BAD_TEMPLATE if it
   *     fails
   */
  public String render(JsonNode messages, JsonNode tools, Map<String, JsonNode> variables) {
    Map<String, @Nullable Object> all = new LinkedHashMap<>(specials);
    variables.forEach((name, value) -> all.put(name, value(value, 0)));
    all.put("messages", value(messages, 0));
    all.put("tools", value(tools, 0));
    all.putIfAbsent("documents", null);
    all.putIfAbsent(ANSWER_BEGINS, false);
    return template.render(all, () -> ZonedDateTime.now(clock));
  }

  private static @Nullable Object value(JsonNode node, int depth) {
    if (depth > DEEPEST) {
      throw bad("messages: nested more than " + DEEPEST + " deep");
    }
    if (node.isObject()) {
      Map<String, @Nullable Object> map = new LinkedHashMap<>();
      node.forEachEntry((name, value) -> map.put(name, value(value, depth + 1)));
      return map;
    }
    if (node.isArray()) {
      List<@Nullable Object> list = new ArrayList<>();
      node.forEach(item -> list.add(value(item, depth + 1)));
      return list;
    }
    if (node.isNumber()) {
      return node.isIntegralNumber() && node.canConvertToLong()
          ? (Object) node.longValue()
          : node.doubleValue();
    }
    return node.isBoolean()
        ? (Object) node.booleanValue()
        : node.isString() ? node.stringValue() : null;
  }
}
