package dev.lathe.server.config;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import dev.lathe.server.config.ConfigNode.Items;
import dev.lathe.server.config.ConfigNode.Mapping;
import dev.lathe.server.config.ConfigNode.Scalar;
import dev.lathe.server.config.ConfigNode.Where;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/**
 * Reads the one small YAML document of a configuration file. Anchors, aliases, tags, repeated keys
 * and further documents are refused.
 */
final class ConfigText {
  private static final int MAX_BYTES = 256 * 1024;
  private static final int MAX_DEPTH = 8;
  private static final YAMLFactory FACTORY = new YAMLFactory();

  private final YAMLParser parser;
  private final String name;
  private final Path folder;

  private ConfigText(YAMLParser parser, Path file) {
    this.parser = parser;
    this.name = file.toString();
    this.folder = folder(file);
  }

  static Mapping read(Path file) {
    String text = text(file);
    try (YAMLParser parser = (YAMLParser) FACTORY.createParser(ObjectReadContext.empty(), text)) {
      return new ConfigText(parser, file).document();
    } catch (JacksonException e) {
      TokenStreamLocation at = e.getLocation();
      String place = at == null ? "" : ":" + at.getLineNr() + ":" + at.getColumnNr();
      String reason = e.getOriginalMessage().lines().findFirst().orElse("malformed");
      throw bad(file + place, "not valid YAML: " + reason);
    }
  }

  static LatheException bad(String where, String message) {
    return new LatheException(ServerError.BAD_CONFIGURATION, where + ": " + message);
  }

  private static Path folder(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    return folder == null ? Path.of("") : folder;
  }

  private static String text(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw bad(file.toString(), "more than " + MAX_BYTES + " bytes");
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (NoSuchFileException e) {
      throw bad(file.toString(), "no such file");
    } catch (CharacterCodingException e) {
      throw bad(file.toString(), "is not UTF-8");
    } catch (IOException e) {
      throw bad(file.toString(), "cannot be read: " + e.getMessage());
    }
  }

  private Mapping document() {
    if (parser.nextToken() == null || parser.currentToken() == JsonToken.VALUE_NULL) {
      return new Mapping(new Where(name, folder), Map.of());
    }
    ConfigNode root = node(0);
    if (!(root instanceof Mapping mapping)) {
      throw bad(root.where().text(), root.found() + " (expected: a mapping of sections)");
    }
    if (parser.nextToken() != null) {
      throw bad(where().text(), "a second document (expected: one)");
    }
    return mapping;
  }

  private Where where() {
    TokenStreamLocation at = parser.currentTokenLocation();
    int line = Math.max(1, at.getLineNr());
    int column = Math.max(1, at.getColumnNr());
    return new Where(name + ":" + line + ":" + column, folder);
  }

  private ConfigNode node(int depth) {
    Where where = where();
    if (depth > MAX_DEPTH) {
      throw bad(where.text(), "nested deeper than " + MAX_DEPTH + " levels");
    }
    if (parser.isCurrentAlias() || parser.getObjectId() != null || parser.getTypeId() != null) {
      throw bad(where.text(), "an anchor, alias or tag (expected: plain YAML)");
    }
    return switch (parser.currentToken()) {
      case START_OBJECT -> mapping(where, depth);
      case START_ARRAY -> items(where, depth);
      case VALUE_NULL -> new Scalar(where, "");
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT, VALUE_TRUE, VALUE_FALSE, VALUE_STRING ->
          new Scalar(where, parser.getString());
      case NOT_AVAILABLE, END_OBJECT, END_ARRAY, PROPERTY_NAME, VALUE_EMBEDDED_OBJECT ->
          throw bad(where.text(), "unexpected " + parser.currentToken());
    };
  }

  private Mapping mapping(Where where, int depth) {
    Map<String, ConfigNode> entries = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String place = where().text();
      String key = parser.currentName();
      parser.nextToken();
      if (entries.put(key, node(depth + 1)) != null) {
        throw bad(place, "key \"" + key + "\" is given twice");
      }
    }
    return new Mapping(where, entries);
  }

  private Items items(Where where, int depth) {
    List<ConfigNode> elements = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      elements.add(node(depth + 1));
    }
    return new Items(where, elements);
  }
}
