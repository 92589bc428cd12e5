package dev.lathe.prepare.template;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.LatheException;
import dev.lathe.testkit.Python;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Templates against Python's Jinja2, set up as Hugging Face sets it up. */
class PeerTest {
  private static final int DRAWN = 600;
  private static final String SCRIPT =
      """
      import json, sys
      import jinja2, jinja2.ext
      from jinja2.sandbox import ImmutableSandboxedEnvironment
      env = ImmutableSandboxedEnvironment(
          trim_blocks=True, lstrip_blocks=True, extensions=[jinja2.ext.loopcontrols])
      def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
          return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent,
                            separators=separators, sort_keys=sort_keys)
      def raise_exception(message):
          raise jinja2.exceptions.TemplateError(message)
      env.filters['tojson'] = tojson
      env.globals['raise_exception'] = raise_exception
      variables = json.loads(open(sys.argv[2]).read())
      out = open(sys.argv[3], 'w')
      for line in open(sys.argv[1]):
          try:
              said = {'text': env.from_string(json.loads(line)).render(**variables)}
          except Exception as e:
              said = {'error': type(e).__name__ + ': ' + str(e)}
          out.write(json.dumps(said) + '\\n')
      """;

  private static Map<String, @Nullable Object> variables() {
    Map<String, @Nullable Object> all = new HashMap<>();
    all.put("n", 7L);
    all.put("m", -3L);
    all.put("f", 2.5);
    all.put("s", "Hello, World");
    all.put("w", "  two  words\n");
    all.put("e", "naïve é 🚀 'q' \"d\"");
    all.put("xs", Arrays.asList(3L, 1L, 2L));
    all.put("ys", Arrays.asList("b", "A", "c", "a"));
    all.put("zero", Arrays.asList());
    all.put("nil", null);
    all.put("yes", true);
    Map<String, @Nullable Object> dict = new LinkedHashMap<>();
    dict.put("b", 1L);
    dict.put("A", Arrays.asList(1L, 2.5, null, true, "x<y"));
    dict.put("c", new LinkedHashMap<>(Map.of("k", "v")));
    all.put("d", dict);
    List<@Nullable Object> messages = new ArrayList<>();
    for (String role : List.of("system", "user", "assistant", "user")) {
      Map<String, @Nullable Object> message = new LinkedHashMap<>();
      message.put("role", role);
      message.put("content", "text of " + role);
      messages.add(message);
    }
    all.put("ms", messages);
    return all;
  }

  @Test
  void drawnTemplates_renderAsJinja2RendersThem(@TempDir Path folder) throws IOException {
    List<String> sources = new ArrayList<>(Snippets.all());
    for (long seed = 0; seed < DRAWN; seed++) {
      sources.add(new DrawnTemplate(seed).text());
    }
    String python = Python.with("jinja2");
    Path asked = folder.resolve("templates.jsonl");
    Path variables = folder.resolve("variables.json");
    Path answered = folder.resolve("answers.jsonl");
    JsonMapper json = JsonMapper.shared();
    Files.writeString(
        asked, String.join("\n", sources.stream().map(json::writeValueAsString).toList()));
    Files.writeString(variables, json.writeValueAsString(variables()));
    Python.run(python, SCRIPT, asked, variables, answered);
    List<String> answers = Files.readAllLines(answered);
    assertThat(answers).hasSameSizeAs(sources);
    List<String> wrong = new ArrayList<>();
    int rendered = 0;
    for (int i = 0; i < sources.size(); i++) {
      JsonNode peer = json.readTree(answers.get(i));
      rendered += peer.has("text") ? 1 : 0;
      String ours = ours(sources.get(i));
      boolean same =
          peer.has("text")
              ? ours.equals("= " + peer.get("text").stringValue())
              : ours.startsWith("! ");
      if (!same) {
        wrong.add(sources.get(i) + "\n  Jinja2: " + answers.get(i) + "\n  ours:   " + ours);
      }
    }
    assertThat(wrong).as(wrong.size() + " of " + sources.size()).isEmpty();
    assertThat(rendered).as("templates that render at all").isGreaterThan(sources.size() / 2);
  }

  private static String ours(String source) {
    try {
      return "= " + Template.of(source).render(variables(), ZonedDateTime::now);
    } catch (LatheException e) {
      return "! " + e.getMessage();
    }
  }
}
