package dev.lathe.server.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.server.ConfigSources;
import dev.lathe.server.LatheServer;
import dev.lathe.server.ServerConfig;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The OpenAI API on the wire, over a model that was really trained. */
@Timeout(120)
class OpenAiDoorTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final String CHAT = "/v1/chat/completions";
  private static final String COMPLETE = "/v1/completions";
  private static LatheServer server;

  @BeforeAll
  static void start(@TempDir Path data, @TempDir Path scratch) throws IOException {
    ShakespeareServer.publish(data);
    ShakespeareServer.publishVectors(data, scratch);
    Map<String, String> settings = Map.of("listen.port", "0", "text.slots", "12");
    server =
        LatheServer.start(
            ServerConfig.read(data, new ConfigSources(Path.of(""), Map.of(), settings)));
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
    CLIENT.close();
  }

  private static HttpResponse<String> send(String path, String body, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.address() + path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static JsonNode answer(String path, String fields) throws Exception {
    HttpResponse<String> answer = send(path, "{\"model\": \"bard/llama\", " + fields + "}");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JsonMapper.shared().readTree(answer.body());
  }

  private static List<JsonNode> events(String path, String fields) throws Exception {
    HttpResponse<String> answer =
        send(path, "{\"model\": \"bard/llama\", \"stream\": true, " + fields + "}");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type").orElse(""))
        .startsWith("text/event-stream");
    List<JsonNode> events = new ArrayList<>();
    List<String> lines = answer.body().lines().filter(line -> !line.isEmpty()).toList();
    assertThat(lines).allMatch(line -> line.startsWith("data: "));
    assertThat(lines.getLast()).isEqualTo("data: [DONE]");
    for (String line : lines.subList(0, lines.size() - 1)) {
      events.add(JsonMapper.shared().readTree(line.substring("data: ".length())));
    }
    return events;
  }

  private static String text(List<JsonNode> events, int choice) {
    StringBuilder text = new StringBuilder();
    for (JsonNode event : events) {
      for (JsonNode one : event.path("choices")) {
        if (one.path("index").intValue() == choice) {
          text.append(one.path("delta").path("content").asString(""));
          text.append(one.path("text").asString(""));
        }
      }
    }
    return text.toString();
  }

  private static final String HELLO =
      "\"messages\": [{\"role\": \"user\", \"content\": \"Speak, Romeo.\"}], \"temperature\": 0";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        CHAT + " | {model: bard/llama, messages: [{role: user, content: Speak}], max_tokens: 90}",
        COMPLETE + " | {model: bard/llama, prompt: Speak, max_tokens: 90}",
        "/v1/responses | {model: bard/llama, input: Speak, max_output_tokens: 90}",
        "/v1/messages | {model: bard/llama, messages: [{role: user, content: Speak}],"
            + " max_tokens: 90}",
        "/api/v1/models/bard/llama/answer | {question: Who, context: Romeo, max_tokens: 50}"
      })
  void deadline_thatPasses_endsTheAnswer_andOneThatIsNoNumberIsRefused(String path, String fields)
      throws Exception {
    String body = fields.replaceAll("([A-Za-z_][A-Za-z_/]*)", "\"$1\"");
    HttpResponse<String> late = send(path, body, "Lathe-Timeout", "1");
    assertThat(late.statusCode()).as(late.body()).isEqualTo(504);
    assertThat(late.body()).contains("deadline of 0.001 ms");
    HttpResponse<String> wrong = send(path, body, "Lathe-Timeout", "soon");
    assertThat(wrong.statusCode()).as(wrong.body()).isEqualTo(400);
    assertThat(wrong.body()).contains("Lathe-Timeout", "microseconds");
    assertThat(send(path, body, "Lathe-Timeout", "90000000").statusCode()).isEqualTo(200);
  }

  @Test
  void chat_isAnswered_wholeAndInPieces_alike() throws Exception {
    JsonNode whole = answer(CHAT, HELLO + ", \"max_tokens\": 24");
    assertThat(whole.path("object").asString()).isEqualTo("chat.completion");
    assertThat(whole.path("id").asString()).startsWith("chatcmpl-");
    assertThat(whole.path("model").asString()).isEqualTo("bard/llama");
    assertThat(whole.path("system_fingerprint").asString()).isEqualTo("bard/llama@v1");
    JsonNode choice = whole.path("choices").get(0);
    String said = choice.path("message").path("content").asString();
    assertThat(said).isNotBlank();
    assertThat(choice.path("finish_reason").asString()).isIn("length", "stop");
    JsonNode usage = whole.path("usage");
    assertThat(usage.path("completion_tokens").intValue()).isBetween(1, 24);
    assertThat(usage.path("total_tokens").intValue())
        .isEqualTo(
            usage.path("prompt_tokens").intValue() + usage.path("completion_tokens").intValue());
    List<JsonNode> events =
        events(CHAT, HELLO + ", \"max_tokens\": 24, \"stream_options\": {\"include_usage\": true}");
    assertThat(text(events, 0)).isEqualTo(said);
    assertThat(events.getFirst().at("/choices/0/delta/role").asString()).isEqualTo("assistant");
    assertThat(events.getLast().path("choices")).isEmpty();
    assertThat(events.getLast().path("usage").path("prompt_tokens").intValue())
        .isEqualTo(usage.path("prompt_tokens").intValue());
    assertThat(events.get(1).path("usage").isNull()).isTrue();
    assertThat(events.get(events.size() - 2).at("/choices/0/finish_reason").asString())
        .isEqualTo(choice.path("finish_reason").asString());
  }

  @Test
  void howTheModelIsHeld_isTold() throws Exception {
    answer(COMPLETE, "\"prompt\": \"First\", \"max_tokens\": 1");
    JsonNode config = JsonMapper.shared().readTree(get("/v2/models/bard/llama/config"));
    assertThat(config.at("/parameters/text_weights/string_value").asString()).isEqualTo("FLOAT32");
    assertThat(config.at("/parameters/text_slots/string_value").asString()).isEqualTo("12");
    assertThat(config.at("/parameters/text_context/string_value").asString()).isEqualTo("1024");
    assertThat(get("/metrics"))
        .containsPattern("lathe_text_info\\{[^}]*weights=\"FLOAT32\"[^}]*} 1")
        .containsPattern("lathe_text_context\\{[^}]*} 1024")
        .containsPattern("lathe_text_cache_bytes\\{[^}]*} [1-9]");
  }

  private static String get(String path) throws Exception {
    HttpResponse<String> answer =
        CLIENT.send(
            HttpRequest.newBuilder(URI.create(server.address() + path)).build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }

  @Test
  void completion_goesOn_asTheReferenceDoes() throws Exception {
    String fields = "\"prompt\": \"First Citizen:\\n\", \"temperature\": 0, \"max_tokens\": 20";
    JsonNode whole = answer(COMPLETE, fields);
    String said = whole.at("/choices/0/text").asString();
    assertThat(said).isNotBlank();
    assertThat(whole.at("/usage/completion_tokens").intValue()).isEqualTo(20);
    assertThat(text(events(COMPLETE, fields), 0)).isEqualTo(said);
    JsonNode echoed = answer(COMPLETE, fields + ", \"echo\": true, \"logprobs\": 2");
    assertThat(echoed.at("/choices/0/text").asString()).isEqualTo("First Citizen:\n" + said);
    JsonNode scores = echoed.at("/choices/0/logprobs");
    int tokens = echoed.at("/usage/total_tokens").intValue();
    assertThat(scores.path("tokens")).hasSize(tokens);
    assertThat(scores.at("/token_logprobs/0").isNull()).isTrue();
    assertThat(scores.at("/token_logprobs/1").doubleValue()).isNegative();
    assertThat(scores.at("/top_logprobs/3").size()).isBetween(2, 3);
    assertThat(scores.at("/text_offset/1").intValue()).isPositive();
  }

  @Test
  void manyPromptsInAllForms_areAnsweredInOrder() throws Exception {
    JsonNode tokens = answer("/tokenize", "\"prompt\": \"First Citizen:\\n\"").path("tokens");
    JsonNode answer =
        answer(
            COMPLETE,
            "\"prompt\": [\"ROMEO:\", " + tokens + "], \"n\": 2, \"seed\": 5, \"max_tokens\": 5");
    assertThat(answer.path("choices")).hasSize(4);
    for (int i = 0; i < 4; i++) {
      assertThat(answer.at("/choices/" + i + "/index").intValue()).isEqualTo(i);
    }
    JsonNode again =
        answer(COMPLETE, "\"prompt\": " + tokens + ", \"n\": 2, \"seed\": 5, \"max_tokens\": 5");
    assertThat(again.at("/choices/1/text")).isEqualTo(answer.at("/choices/3/text"));
  }

  @Test
  void tokens_goBothWays() throws Exception {
    JsonNode tokens = answer("/tokenize", "\"prompt\": \"O Romeo!\", \"return_token_strs\": true");
    assertThat(tokens.path("count").intValue()).isEqualTo(tokens.path("tokens").size());
    assertThat(tokens.path("max_model_len").intValue()).isEqualTo(1024);
    assertThat(
            answer("/detokenize", "\"tokens\": " + tokens.path("tokens")).path("prompt").asString())
        .isEqualTo("O Romeo!");
    JsonNode chat =
        answer("/tokenize", "\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]");
    assertThat(
            answer("/detokenize", "\"tokens\": " + chat.path("tokens")).path("prompt").asString())
        .isEqualTo("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
  }

  @Test
  void logprobs_areToldWithTheirBytes() throws Exception {
    String fields = HELLO + ", \"max_tokens\": 6, \"logprobs\": true, \"top_logprobs\": 3";
    JsonNode content = answer(CHAT, fields).at("/choices/0/logprobs/content");
    assertThat(content).hasSize(6);
    for (JsonNode token : content) {
      assertThat(token.path("top_logprobs")).hasSize(3);
      assertThat(token.at("/top_logprobs/0/logprob")).isEqualTo(token.path("logprob"));
      assertThat(token.path("bytes").size()).isPositive();
    }
    List<JsonNode> told = new ArrayList<>();
    for (JsonNode event : events(CHAT, fields)) {
      event.at("/choices/0/logprobs/content").forEach(told::add);
    }
    assertThat(told).hasSize(6);
  }

  @Test
  void stopsSeedsAndBiases_areHeeded() throws Exception {
    JsonNode whole =
        answer(COMPLETE, "\"prompt\": \"ROMEO:\", \"temperature\": 0, \"max_tokens\": 30");
    String said = whole.at("/choices/0/text").asString();
    String stop = said.substring(10, 13);
    JsonNode stopped =
        answer(
            COMPLETE,
            "\"prompt\": \"ROMEO:\", \"temperature\": 0, \"max_tokens\": 30, \"stop\": ["
                + JsonMapper.shared().writeValueAsString(stop)
                + "]");
    assertThat(stopped.at("/choices/0/text").asString())
        .isEqualTo(said.substring(0, said.indexOf(stop)));
    assertThat(stopped.at("/choices/0/finish_reason").asString()).isEqualTo("stop");
    String drawn = "\"prompt\": \"ROMEO:\", \"seed\": 7, \"max_tokens\": 20, \"top_p\": 0.9";
    assertThat(answer(COMPLETE, drawn).at("/choices/0/text"))
        .isEqualTo(answer(COMPLETE, drawn).at("/choices/0/text"));
    JsonNode biased =
        answer(
            COMPLETE,
            "\"prompt\": \"ROMEO:\", \"max_tokens\": 4, \"temperature\": 0,"
                + " \"logit_bias\": {\"42\": 100}, \"ignore_eos\": true");
    assertThat(biased.at("/choices/0/text").asString()).isEqualTo("HHHH");
  }

  @Test
  void jsonSchema_isHeldTo_andAForcedToolIsCalled() throws Exception {
    String schema =
        "{\"type\": \"object\", \"properties\": {\"a\": {\"type\": \"integer\", \"minimum\": 1,"
            + " \"maximum\": 9}, \"b\": {\"enum\": [\"x\", \"y\"]}}, \"required\": [\"a\", \"b\"],"
            + " \"additionalProperties\": false}";
    JsonNode answer =
        answer(
            CHAT,
            HELLO
                + ", \"max_tokens\": 250, \"response_format\": {\"type\": \"json_schema\","
                + " \"json_schema\": {\"name\": \"s\", \"strict\": true, \"schema\": "
                + schema
                + "}}");
    JsonNode said =
        JsonMapper.shared().readTree(answer.at("/choices/0/message/content").asString());
    assertThat(said.path("a").intValue()).isBetween(1, 9);
    assertThat(said.path("b").asString()).isIn("x", "y");
    assertThat(answer.at("/choices/0/finish_reason").asString()).isEqualTo("stop");
    String tools =
        ", \"max_tokens\": 250, \"tools\": [{\"type\": \"function\", \"function\": {\"name\":"
            + " \"pick\", \"parameters\": "
            + schema
            + "}}]";
    for (String choice :
        List.of("\"required\"", "{\"type\": \"function\", \"function\": {\"name\": \"pick\"}}")) {
      JsonNode called = answer(CHAT, HELLO + tools + ", \"tool_choice\": " + choice);
      assertThat(called.at("/choices/0/finish_reason").asString()).isEqualTo("tool_calls");
      JsonNode call = called.at("/choices/0/message/tool_calls/0");
      assertThat(call.at("/function/name").asString()).isEqualTo("pick");
      assertThat(call.path("id").asString()).startsWith("call_");
      String arguments = call.at("/function/arguments").asString();
      assertThat(JsonMapper.shared().readTree(arguments).path("b").asString()).isIn("x", "y");
      assertThat(called.at("/choices/0/message/content").isNull()).isTrue();
      StringBuilder streamed = new StringBuilder();
      for (JsonNode event : events(CHAT, HELLO + tools + ", \"tool_choice\": " + choice)) {
        streamed.append(event.at("/choices/0/delta/tool_calls/0/function/arguments").asString(""));
      }
      assertThat(streamed.toString()).isEqualTo(arguments);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "\"regex\": \"[0-9]{3}-[ab]\" ~ [0-9]{3}-[ab]",
        "\"choice\": [\"to be\", \"not to be\"] ~ (not )?to be",
        "\"grammar\": \"root ::= [xy]{1,4} \\\"z\\\"\" ~ [xy]{1,4}z",
        "\"json\": {\"enum\": [1, [2]]}, \"disable_any_whitespace\": true ~ 1|\\[2]"
      })
  void structuredOutputs_holdForChatsAndCompletions(String wanted, String said) throws Exception {
    String fields = ", \"max_tokens\": 100, \"structured_outputs\": {" + wanted + "}";
    String chat = answer(CHAT, HELLO + fields).at("/choices/0/message/content").asString();
    assertThat(chat).matches(said);
    String text =
        answer(COMPLETE, "\"prompt\": \"ROMEO:\"" + fields).at("/choices/0/text").asString();
    assertThat(text).matches(said);
  }

  @Test
  void structuredOutputs_thatCannotBeHeldTo_areRefused() throws Exception {
    HttpResponse<String> answer =
        send(
            COMPLETE,
            "{\"model\": \"bard/llama\", \"prompt\": \"a\", \"structured_outputs\": {\"regex\":"
                + " \"(?=a)\"}}");
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("character 2");
    HttpResponse<String> old =
        send(COMPLETE, "{\"model\": \"bard/llama\", \"prompt\": \"a\", \"guided_regex\": \"a\"}");
    assertThat(old.statusCode()).isEqualTo(400);
    assertThat(old.body()).contains("guided_regex");
  }

  @Test
  void probabilitiesBeyondAllMeasure_areRefusedBeforeAnythingIsComputed() throws Exception {
    String prompts = "[" + "\"a\", ".repeat(15) + "\"a\"]";
    String fields = "\"prompt\": " + prompts + ", \"n\": 128, \"echo\": true, \"logprobs\": 20";
    assertThat(error(COMPLETE, fields + ", \"max_tokens\": 100", 400))
        .contains("probabilities (expected: at most 1048576");
  }

  @Test
  void strictTool_isCalledWithValidArguments_orNotAtAll() throws Exception {
    String tool =
        ", \"max_tokens\": 60, \"tools\": [{\"type\": \"function\", \"function\": {\"name\":"
            + " \"pick\", \"strict\": true, \"parameters\": SCHEMA}}]";
    String schema =
        "{\"type\": \"object\", \"properties\": {\"a\": {\"type\": \"integer\", \"minimum\":"
            + " 1, \"maximum\": 9}}, \"required\": [\"a\"], \"additionalProperties\": false}";
    JsonNode text = answer(CHAT, HELLO + tool.replace("SCHEMA", schema));
    assertThat(text.at("/choices/0/message/content").asString()).doesNotStartWith("{");
    JsonNode brace =
        JsonMapper.shared()
            .readTree(send("/tokenize", "{\"model\": \"bard/llama\", \"prompt\": \"{\"}").body());
    String bias = ", \"logit_bias\": {\"" + brace.at("/tokens/0").intValue() + "\": 100}";
    JsonNode called = answer(CHAT, HELLO + bias + tool.replace("SCHEMA", schema));
    assertThat(called.at("/choices/0/finish_reason").asString()).isEqualTo("tool_calls");
    String arguments = called.at("/choices/0/message/tool_calls/0/function/arguments").asString();
    assertThat(JsonMapper.shared().readTree(arguments).path("a").intValue()).isBetween(1, 9);
    HttpResponse<String> refused =
        send(
            CHAT,
            "{\"model\": \"bard/llama\", "
                + HELLO
                + tool.replace("SCHEMA", "{\"type\": \"object\", \"not\": {}}")
                + "}");
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("/not: not supported");
  }

  @Test
  void formOfResponseBesideTools_isHeldTo_orAToolIsCalled() throws Exception {
    String fields =
        HELLO
            + ", \"max_tokens\": 80, \"tools\": [{\"type\": \"function\", \"function\": {\"name\":"
            + " \"pick\", \"strict\": true, \"parameters\": {\"type\": \"object\", \"properties\":"
            + " {\"a\": {\"type\": \"integer\", \"minimum\": 1, \"maximum\": 9}}, \"required\":"
            + " [\"a\"], \"additionalProperties\": false}}}], \"response_format\": {\"type\":"
            + " \"json_schema\", \"json_schema\": {\"name\": \"said\", \"strict\": true,"
            + " \"schema\": {\"type\": \"object\", \"properties\": {\"KEY\": {\"enum\": [\"aye\","
            + " \"nay\"]}}, \"required\": [\"KEY\"], \"additionalProperties\": false}}}";
    Set<String> ends = new HashSet<>();
    JsonNode name =
        JsonMapper.shared()
            .readTree(
                send("/tokenize", "{\"model\": \"bard/llama\", \"prompt\": \"{\\\"name\"}").body());
    List<String> towards = new ArrayList<>();
    name.path("tokens").forEach(token -> towards.add("\"" + token.intValue() + "\": 60"));
    for (String bias : List.of("", String.join(", ", towards))) {
      String key = "xq";
      String asked =
          fields.replace("KEY", key).replace("\"temperature\": 0", "\"temperature\": 2")
              + ", \"seed\": 1, \"logit_bias\": {"
              + bias
              + "}";
      JsonNode choice = answer(CHAT, asked).at("/choices/0");
      String content = choice.at("/message/content").asString("");
      String arguments = choice.at("/message/tool_calls/0/function/arguments").asString("");
      if (choice.path("finish_reason").asString().equals("tool_calls")) {
        assertThat(JsonMapper.shared().readTree(arguments).path("a").intValue()).isBetween(1, 9);
        assertThat(content).isEmpty();
      } else {
        assertThat(JsonMapper.shared().readTree(content).path(key).asString()).isIn("aye", "nay");
        assertThat(arguments).isEmpty();
      }
      ends.add(choice.path("finish_reason").asString());
      List<JsonNode> events = events(CHAT, asked);
      StringBuilder called = new StringBuilder();
      events.forEach(
          event ->
              called.append(
                  event.at("/choices/0/delta/tool_calls/0/function/arguments").asString("")));
      assertThat(text(events, 0)).isEqualTo(content);
      assertThat(called.toString()).isEqualTo(arguments);
    }
    assertThat(ends).containsExactlyInAnyOrder("tool_calls", "stop");
    JsonNode content = answer(CHAT, fields.replace("KEY", "nod") + ", \"tool_choice\": \"none\"");
    assertThat(content.at("/choices/0/message/content").asString()).contains("nod");
    String call =
        answer(CHAT, fields.replace("KEY", "nod") + ", \"tool_choice\": \"required\"")
            .at("/choices/0/message/tool_calls/0/function/name")
            .asString();
    assertThat(call).isEqualTo("pick");
    String like =
        fields
            .replace("\"additionalProperties\": false}}}", "\"additionalProperties\": true}}}")
            .replace("{\"enum\": [\"aye\", \"nay\"]}", "{\"type\": \"string\"}")
            .replace("KEY", "name");
    assertThat(error(CHAT, like, 400)).contains("response_format", "as a call of a tool does");
  }

  @Test
  void response_isAListOfItems_wholeAndAsEvents() throws Exception {
    String fields = "\"input\": \"Speak, Romeo.\", \"temperature\": 0, \"max_output_tokens\": 12";
    JsonNode whole = answer("/v1/responses", fields + ", \"instructions\": \"Be brief.\"");
    assertThat(whole.path("object").asString()).isEqualTo("response");
    assertThat(whole.path("status").asString()).isIn("completed", "incomplete");
    String said = whole.at("/output/0/content/0/text").asString();
    assertThat(said).isNotBlank();
    assertThat(whole.at("/usage/output_tokens").intValue()).isBetween(1, 12);
    HttpResponse<String> streamed =
        send(
            "/v1/responses",
            "{\"model\": \"bard/llama\", \"stream\": true, \"instructions\": \"Be brief.\", "
                + fields
                + "}");
    List<String> types = new ArrayList<>();
    StringBuilder pieces = new StringBuilder();
    int sequence = 0;
    for (String line : streamed.body().lines().toList()) {
      if (line.startsWith("event: ")) {
        types.add(line.substring("event: ".length()));
      } else if (line.startsWith("data: ")) {
        JsonNode event = JsonMapper.shared().readTree(line.substring("data: ".length()));
        assertThat(event.path("type").asString()).isEqualTo(types.getLast());
        assertThat(event.path("sequence_number").intValue()).isEqualTo(sequence++);
        boolean text = types.getLast().equals("response.output_text.delta");
        pieces.append(text ? event.path("delta").asString() : "");
      }
    }
    assertThat(types)
        .startsWith(
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta")
        .endsWith(
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response." + whole.path("status").asString());
    assertThat(pieces.toString()).isEqualTo(said);
    JsonNode called =
        answer(
            "/v1/responses",
            "\"input\": [{\"role\": \"user\", \"content\": [{\"type\": \"input_text\","
                + " \"text\": \"Hi\"}]}, {\"type\": \"function_call\", \"call_id\": \"c\","
                + " \"name\": \"pick\", \"arguments\": \"{}\"}, {\"type\":"
                + " \"function_call_output\", \"call_id\": \"c\", \"output\": \"1\"}],"
                + " \"tools\": [{\"type\": \"function\", \"name\": \"pick\", \"parameters\":"
                + " {\"type\": \"object\", \"properties\": {\"a\": {\"enum\": [\"x\"]}},"
                + " \"required\": [\"a\"], \"additionalProperties\": false}}],"
                + " \"tool_choice\": {\"type\": \"function\", \"name\": \"pick\"}");
    assertThat(called.at("/output/0/type").asString()).isEqualTo("function_call");
    assertThat(called.at("/output/0/arguments").asString().replace(" ", ""))
        .isEqualTo("{\"a\":\"x\"}");
    assertThat(error("/v1/responses", "\"input\": \"a\", \"previous_response_id\": \"r\"", 400))
        .contains("is not found");
    assertThat(error("/v1/responses", "\"input\": []", 400)).contains("0 items");
    assertThat(error("/v1/responses", "\"input\": [{\"type\": \"image\"}]", 400))
        .contains("input[0].type");
  }

  @Test
  void promptAlone_isScored_whenNoAnswerIsWanted() throws Exception {
    JsonNode scored =
        answer(
            COMPLETE,
            "\"prompt\": \"First Citizen:\", \"max_tokens\": 0, \"echo\": true, \"logprobs\": 0");
    assertThat(scored.at("/choices/0/text").asString()).isEqualTo("First Citizen:");
    assertThat(scored.at("/usage/completion_tokens").intValue()).isZero();
    JsonNode logprobs = scored.at("/choices/0/logprobs/token_logprobs");
    assertThat(logprobs).hasSize(scored.at("/usage/prompt_tokens").intValue());
    assertThat(logprobs.get(1).doubleValue()).isNegative();
  }

  @Test
  void wholeConversation_isWrittenOutForTheModel() throws Exception {
    String messages =
        "\"messages\": [{\"role\": \"developer\", \"content\": \"Be brief.\"}, {\"role\": \"user\","
            + " \"content\": [{\"type\": \"text\", \"text\": \"a\"}, {\"type\": \"text\", \"text\":"
            + " \"b\"}]}, {\"role\": \"assistant\", \"content\": null, \"tool_calls\": [{\"id\":"
            + " \"c\", \"type\": \"function\", \"function\": {\"name\": \"f\", \"arguments\":"
            + " \"{}\"}}]}, {\"role\": \"tool\", \"tool_call_id\": \"c\", \"content\": \"1\"}]";
    JsonNode tokens = answer("/tokenize", messages).path("tokens");
    assertThat(answer("/detokenize", "\"tokens\": " + tokens).path("prompt").asString())
        .isEqualTo(
            "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nab<|im_end|>\n"
                + "<|im_start|>assistant\n<|im_end|>\n<|im_start|>tool\n1<|im_end|>\n"
                + "<|im_start|>assistant\n");
    assertThat(answer(CHAT, messages + ", \"max_tokens\": 3, \"stop\": \"zzz\"").path("choices"))
        .hasSize(1);
  }

  private static JsonNode vectors(String fields) throws Exception {
    HttpResponse<String> answer =
        send("/v1/embeddings", "{\"model\": \"demo/vectors\", " + fields + "}");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JsonMapper.shared().readTree(answer.body());
  }

  @Test
  void embeddings_areNumbersOrBase64_ofTextsOrTokens() throws Exception {
    JsonNode answer = vectors("\"input\": [\"7 8 9\", \"10\"]");
    assertThat(answer.path("data")).hasSize(2);
    assertThat(answer.at("/usage/total_tokens").intValue()).isEqualTo(4);
    JsonNode vector = answer.at("/data/0/embedding");
    double length = 0;
    for (JsonNode number : vector) {
      length += number.doubleValue() * number.doubleValue();
    }
    assertThat(length).isCloseTo(1, org.assertj.core.data.Offset.offset(1e-5));
    String base64 =
        vectors("\"input\": \"7 8 9\", \"encoding_format\": \"base64\"")
            .at("/data/0/embedding")
            .asString();
    java.nio.FloatBuffer floats =
        java.nio.ByteBuffer.wrap(java.util.Base64.getDecoder().decode(base64))
            .order(java.nio.ByteOrder.LITTLE_ENDIAN)
            .asFloatBuffer();
    assertThat(floats.remaining()).isEqualTo(vector.size());
    assertThat((double) floats.get(3))
        .isCloseTo(vector.get(3).doubleValue(), org.assertj.core.data.Offset.offset(1e-6));
    assertThat(vectors("\"input\": [7, 8, 9]").at("/data/0/embedding")).isEqualTo(vector);
    assertThat(vectors("\"input\": [[10], [7, 8, 9]]").at("/data/1/embedding")).isEqualTo(vector);
    assertThat(vectors("\"input\": \"7\", \"dimensions\": 4").at("/data/0/embedding")).hasSize(4);
    for (String bad :
        List.of(
            "\"input\": []",
            "\"input\": 5",
            "\"input\": [\"a\", 5]",
            "\"input\": [9999]",
            "\"input\": \"7\", \"dimensions\": 0",
            "\"input\": \"7\", \"dimensions\": 9999",
            "\"input\": \"7\", \"encoding_format\": \"hex\"")) {
      HttpResponse<String> refused =
          send("/v1/embeddings", "{\"model\": \"demo/vectors\", " + bad + "}");
      assertThat(refused.statusCode()).as(bad + refused.body()).isEqualTo(400);
      assertThat(refused.body()).contains("\"type\":\"invalid_request_error\"");
    }
  }

  /** A counter of the text model on the page of metrics. */
  private static double counted(String name) throws Exception {
    String page =
        CLIENT
            .send(
                HttpRequest.newBuilder(URI.create(server.address() + "/metrics")).build(),
                HttpResponse.BodyHandlers.ofString())
            .body();
    return page.lines()
        .filter(line -> line.startsWith(name + "{") && line.contains("bard/llama"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  @Test
  void clientThatGoesAway_endsItsRequest() throws Exception {
    answer(COMPLETE, "\"prompt\": \"a\", \"max_tokens\": 1");
    double before = counted("lathe_text_failures_total");
    String body =
        "{\"model\": \"bard/llama\", \"prompt\": \"a\", \"max_tokens\": 1000, \"n\": 8,"
            + " \"ignore_eos\": true, \"stream\": true}";
    URI uri = URI.create(server.address() + COMPLETE);
    HttpRequest request =
        HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.ofString(body)).build();
    try (InputStream events =
        CLIENT.send(request, HttpResponse.BodyHandlers.ofInputStream()).body()) {
      assertThat(events.readNBytes(200)).hasSize(200);
    }
    long patience = System.nanoTime() + 60_000_000_000L;
    while (counted("lathe_text_failures_total") == before && System.nanoTime() < patience) {
      Thread.onSpinWait();
    }
    assertThat(counted("lathe_text_failures_total")).isEqualTo(before + 1);
    assertThat(counted("lathe_text_running")).isZero();
  }

  @Test
  void modelOfAnotherKind_is400_notAServersFault() throws Exception {
    HttpResponse<String> answer =
        send("/v1/embeddings", "{\"model\": \"bard/llama\", \"input\": \"a\"}");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    HttpResponse<String> chat = send(CHAT, "{\"model\": \"demo/vectors\", " + HELLO + "}");
    assertThat(chat.statusCode()).as(chat.body()).isEqualTo(400);
    assertThat(chat.body()).contains("expected: a text model");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"messages\": []|messages|0 messages (expected: an array of 1 to 10000)",
        "\"x\": 1|messages|missing",
        "\"messages\": [{\"role\": \"king\", \"content\": \"\"}]|messages[0].role|\"king\"",
        "\"messages\": [{\"role\": \"user\"}]|messages[0].content|missing",
        "\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"image_url\"}]}]"
            + "|messages[0].content[0].type|this model reads no other",
        "HELLO, \"n\": 1000|n|1000 (expected: a whole number from 1 to 128)",
        "HELLO, \"temperature\": 3|temperature|(expected: a number from 0 to 2)",
        "HELLO, \"top_p\": \"a\"|top_p|\"a\"",
        "HELLO, \"max_tokens\": -1|max_tokens|-1",
        "HELLO, \"stop\": [\"\"]|stop|text 0 of 0 characters",
        "HELLO, \"logit_bias\": {\"99999\": 1}|logit_bias|token \"99999\" (expected: 0 to 1023)",
        "HELLO, \"logit_bias\": {\"5\": 101}|logit_bias.5|101",
        "HELLO, \"tool_choice\": \"perhaps\"|tool_choice|\"perhaps\"",
        "HELLO, \"tool_choice\": \"required\"|tool_choice|required, without tools",
        "HELLO, \"tool_choice\": {\"type\": \"function\", \"function\": {\"name\": \"x\"}}"
            + "|tool_choice.function.name|\"x\"",
        "HELLO, \"response_format\": {\"type\": \"xml\"}|response_format.type|\"xml\"",
        "HELLO, \"top_logprobs\": 3|top_logprobs|none unless logprobs is true",
        "HELLO, \"stream_options\": {}|stream_options|none unless stream is true",
        "HELLO, \"temprature\": 1|temprature|unknown field (did you mean \"temperature\"?)",
        "HELLO, \"tools\": [{\"type\": \"web\"}]|tools[0].type|\"web\"",
      })
  void badChat_is400WithTheFieldInIt(String fields, String param, String reason) throws Exception {
    String body =
        fields.replace("HELLO", "\"messages\": [{\"role\": \"user\", \"content\": \"a\"}]");
    HttpResponse<String> answer = send(CHAT, "{\"model\": \"bard/llama\", " + body + "}");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    JsonNode error = JsonMapper.shared().readTree(answer.body()).path("error");
    assertThat(error.path("param").asString("")).as(answer.body()).isEqualTo(param);
    assertThat(error.path("message").asString()).contains(reason);
    assertThat(error.path("type").asString()).isEqualTo("invalid_request_error");
  }

  @Test
  void tenThousandStops_longPrompts_andBrokenBodies_areRefused() throws Exception {
    String stops = "[" + "\"a\",".repeat(9_999) + "\"a\"]";
    assertThat(error(CHAT, HELLO + ", \"stop\": " + stops, 400)).contains("10000 texts");
    String schema = "{\"not\": {}}";
    assertThat(
            error(
                CHAT,
                HELLO
                    + ", \"response_format\": {\"type\": \"json_schema\", \"json_schema\":"
                    + " {\"name\": \"s\", \"schema\": "
                    + schema
                    + "}}",
                400))
        .isNotEmpty();
    JsonNode tooLong =
        JsonMapper.shared()
            .readTree(
                send(
                        COMPLETE,
                        "{\"model\": \"bard/llama\", \"prompt\": \"" + "a b ".repeat(3000) + "\"}")
                    .body());
    assertThat(tooLong.at("/error/code").asString()).isEqualTo("context_length_exceeded");
    assertThat(error(COMPLETE, "\"prompt\": \"a\", \"suffix\": \"b\"", 400)).contains("suffix");
    assertThat(error(COMPLETE, "\"prompt\": [5000]", 400)).contains("tokens from 0 to 1023");
    assertThat(error(COMPLETE, "\"prompt\": \"\"", 400)).contains("no tokens");
    assertThat(send(CHAT, "{\"model\": ").statusCode()).isEqualTo(400);
    assertThat(send(CHAT, "{\"model\": \"\uD800\"}").statusCode()).isIn(400, 404);
    assertThat(send(CHAT, "[" + "[".repeat(500)).statusCode()).isEqualTo(400);
    assertThat(send(CHAT, "{}").body()).contains("\"param\":\"model\"");
  }

  private static String error(String path, String fields, int status) throws Exception {
    HttpResponse<String> answer = send(path, "{\"model\": \"bard/llama\", " + fields + "}");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    return JsonMapper.shared().readTree(answer.body()).at("/error/message").asString();
  }

  @Test
  void modelsAreNamedByVersionAndEnvironment_othersAreNotFound() throws Exception {
    String prompt = "\"prompt\": \"a\", \"max_tokens\": 1";
    for (String name : List.of("bard/llama@v1", "bard/llama@1", "bard/llama@prod")) {
      HttpResponse<String> answer = send(COMPLETE, "{\"model\": \"" + name + "\", " + prompt + "}");
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      assertThat(JsonMapper.shared().readTree(answer.body()).path("model").asString())
          .isEqualTo(name);
    }
    for (String name : List.of("bard/nobody", "nobody", "bard/llama@v9", "bard/llama@nowhere")) {
      HttpResponse<String> answer = send(COMPLETE, "{\"model\": \"" + name + "\", " + prompt + "}");
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(404);
      assertThat(answer.body()).contains("\"code\":\"model_not_found\"");
    }
  }
}
