package dev.lathe.checks.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionFunctionTool;
import com.openai.models.chat.completions.ChatCompletionToolChoiceOption;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.models.Model;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseStreamEvent;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.lathe.server.LatheServer;
import dev.lathe.server.ServerConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** OpenAI's client for Java, and LangChain4j, unmodified. */
@Timeout(120)
class OpenAiJavaTest {
  private static final String MODEL = ShakespeareModel.NAME;
  private static final String HELLO = "Speak, Romeo.";
  private static LatheServer server;
  private static OpenAIClient client;

  @BeforeAll
  static void start(@TempDir Path data, @TempDir Path scratch) throws IOException {
    ShakespeareModel.publish(data);
    ShakespeareModel.publishVectors(data, scratch);
    server = LatheServer.start(ServerConfig.of(data, 0));
    client = OpenAIOkHttpClient.builder().baseUrl(base()).apiKey("any").maxRetries(0).build();
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      client.close();
      server.close();
    }
  }

  private static String base() {
    return server.address() + "/v1";
  }

  private static ChatCompletionCreateParams.Builder hello() {
    return ChatCompletionCreateParams.builder()
        .model(MODEL)
        .addUserMessage(HELLO)
        .temperature(0)
        .maxCompletionTokens(12);
  }

  private static String said(ChatCompletion answer) {
    return answer.choices().getFirst().message().content().orElse("");
  }

  @Test
  void officialClient_listsModels() {
    List<Model> models = client.models().list().data();
    assertThat(models).extracting(Model::id).contains(MODEL);
    assertThat(client.models().retrieve(MODEL).ownedBy()).isEqualTo("bard");
  }

  @Test
  void officialClient_chats_wholeAndStreamed() {
    ChatCompletion whole = client.chat().completions().create(hello().build());
    assertThat(said(whole)).isNotBlank();
    assertThat(whole.usage().orElseThrow().completionTokens()).isBetween(1L, 12L);
    try (StreamResponse<ChatCompletionChunk> stream =
        client.chat().completions().createStreaming(hello().build())) {
      String pieces =
          stream.stream()
              .flatMap(chunk -> chunk.choices().stream())
              .flatMap(choice -> choice.delta().content().stream())
              .collect(Collectors.joining());
      assertThat(pieces).isEqualTo(said(whole));
    }
  }

  @Test
  void officialClient_completes() {
    CompletionCreateParams params =
        CompletionCreateParams.builder().model(MODEL).prompt("ROMEO:").maxTokens(5).build();
    assertThat(client.completions().create(params).choices()).hasSize(1);
  }

  /** Where a trip goes. */
  enum City {
    ROME,
    VERONA
  }

  /** What a structured answer holds. */
  static final class Trip {
    public City city = City.ROME;
    public boolean sunny;
  }

  @Test
  void officialClient_getsObjectsOfItsClasses() {
    var params = hello().maxCompletionTokens(400).responseFormat(Trip.class).build();
    var choices = client.chat().completions().create(params).choices();
    Trip trip = choices.getFirst().message().content().orElseThrow();
    assertThat(trip.city).isIn(City.ROME, City.VERONA);
  }

  @Test
  void officialClient_getsCallsOfTools() {
    FunctionParameters parameters =
        FunctionParameters.builder()
            .putAdditionalProperty("type", JsonValue.from("object"))
            .putAdditionalProperty(
                "properties", JsonValue.from(Map.of("city", Map.of("enum", List.of("Rome")))))
            .putAdditionalProperty("required", JsonValue.from(List.of("city")))
            .putAdditionalProperty("additionalProperties", JsonValue.from(false))
            .build();
    ChatCompletionCreateParams params =
        hello()
            .maxCompletionTokens(200)
            .addTool(
                ChatCompletionFunctionTool.builder()
                    .function(
                        FunctionDefinition.builder().name("weather").parameters(parameters).build())
                    .build())
            .toolChoice(
                ChatCompletionToolChoiceOption.ofAuto(ChatCompletionToolChoiceOption.Auto.REQUIRED))
            .build();
    ChatCompletion answer = client.chat().completions().create(params);
    var call =
        answer.choices().getFirst().message().toolCalls().orElseThrow().getFirst().asFunction();
    assertThat(call.function().name()).isEqualTo("weather");
    assertThat(call.function().arguments().replace(" ", "")).isEqualTo("{\"city\":\"Rome\"}");
  }

  @Test
  void officialClient_getsVectors_andLangChain4jTheSame() {
    EmbeddingCreateParams params =
        EmbeddingCreateParams.builder().model(ShakespeareModel.VECTORS).input("7 8 9").build();
    List<Float> vector = client.embeddings().create(params).data().getFirst().embedding();
    OpenAiEmbeddingModel model =
        OpenAiEmbeddingModel.builder()
            .baseUrl(base())
            .apiKey("any")
            .modelName(ShakespeareModel.VECTORS)
            .maxRetries(0)
            .build();
    assertThat(vector).hasSizeGreaterThan(8);
    assertThat(model.embed("7 8 9").content().vectorAsList()).isEqualTo(vector);
  }

  @Test
  void officialClient_getsResponses_wholeAndStreamed() {
    ResponseCreateParams params =
        ResponseCreateParams.builder()
            .model(MODEL)
            .input(HELLO)
            .temperature(0)
            .maxOutputTokens(12)
            .build();
    Response whole = client.responses().create(params);
    String said = whole.output().getFirst().asMessage().content().getFirst().asOutputText().text();
    assertThat(said).isNotBlank();
    try (StreamResponse<ResponseStreamEvent> events = client.responses().createStreaming(params)) {
      String pieces =
          events.stream()
              .flatMap(event -> event.outputTextDelta().stream())
              .map(delta -> delta.delta())
              .collect(Collectors.joining());
      assertThat(pieces).isEqualTo(said);
    }
  }

  @Test
  void officialClient_understandsErrors() {
    assertThatThrownBy(
            () -> client.chat().completions().create(hello().model("bard/nobody").build()))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("bard/nobody");
    assertThatThrownBy(
            () -> client.chat().completions().create(hello().maxCompletionTokens(-3).build()))
        .isInstanceOfSatisfying(
            BadRequestException.class,
            e -> assertThat(e.param()).contains("max_completion_tokens"));
  }

  @Test
  void langChain4j_chats_wholeAndStreamed() throws Exception {
    OpenAiChatModel model =
        OpenAiChatModel.builder()
            .baseUrl(base())
            .apiKey("any")
            .modelName(MODEL)
            .temperature(0.0)
            .maxCompletionTokens(12)
            .maxRetries(0)
            .build();
    String whole = model.chat(HELLO);
    assertThat(whole).isNotBlank();
    CompletableFuture<ChatResponse> end = new CompletableFuture<>();
    StringBuilder pieces = new StringBuilder();
    OpenAiStreamingChatModel.builder()
        .baseUrl(base())
        .apiKey("any")
        .modelName(MODEL)
        .temperature(0.0)
        .maxCompletionTokens(12)
        .build()
        .chat(
            HELLO,
            new StreamingChatResponseHandler() {
              @Override
              public void onPartialResponse(String piece) {
                pieces.append(piece);
              }

              @Override
              public void onCompleteResponse(ChatResponse response) {
                end.complete(response);
              }

              @Override
              public void onError(Throwable error) {
                end.completeExceptionally(error);
              }
            });
    assertThat(end.get(60, TimeUnit.SECONDS).aiMessage().text()).isEqualTo(whole);
    assertThat(pieces.toString()).isEqualTo(whole);
  }

  @Test
  void langChain4j_getsCallsAndStructure() {
    OpenAiChatModel model =
        OpenAiChatModel.builder()
            .baseUrl(base())
            .apiKey("any")
            .modelName(MODEL)
            .temperature(0.0)
            .maxCompletionTokens(200)
            .maxRetries(0)
            .strictJsonSchema(true)
            .build();
    JsonObjectSchema schema =
        JsonObjectSchema.builder()
            .addEnumProperty("city", List.of("Rome", "Verona"))
            .required("city")
            .additionalProperties(false)
            .build();
    ChatRequest calling =
        ChatRequest.builder()
            .messages(UserMessage.from(HELLO))
            .toolSpecifications(
                ToolSpecification.builder().name("weather").parameters(schema).build())
            .toolChoice(ToolChoice.REQUIRED)
            .build();
    var call = model.chat(calling).aiMessage().toolExecutionRequests().getFirst();
    assertThat(call.name()).isEqualTo("weather");
    assertThat(call.arguments().replace(" ", ""))
        .isIn("{\"city\":\"Rome\"}", "{\"city\":\"Verona\"}");
    ChatRequest structured =
        ChatRequest.builder()
            .messages(UserMessage.from(HELLO))
            .responseFormat(
                ResponseFormat.builder()
                    .type(ResponseFormatType.JSON)
                    .jsonSchema(JsonSchema.builder().name("trip").rootElement(schema).build())
                    .build())
            .build();
    JsonNode said = JsonMapper.shared().readTree(model.chat(structured).aiMessage().text());
    assertThat(said.path("city").asString()).isIn("Rome", "Verona");
  }
}
