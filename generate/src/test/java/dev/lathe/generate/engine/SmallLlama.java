package dev.lathe.generate.engine;

import dev.lathe.generate.Ending;
import dev.lathe.generate.GenerateRequest;
import dev.lathe.generate.TextOptions.Arena;
import dev.lathe.generate.sample.Sampler;
import dev.lathe.generate.sample.Seed;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.transform.CachedDecoder;
import dev.lathe.zoo.Gpt;
import dev.lathe.zoo.Llama;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A Llama of random weights: plain, to be asked for a whole text each time, and in cached form. */
final class SmallLlama implements AutoCloseable {
  static final int VOCABULARY = 96;
  static final int CONTEXT = 160;

  private final Session plain;
  private final CachedDecoder form;

  SmallLlama() {
    Model model =
        spread(
            new Llama(
                    VOCABULARY,
                    CONTEXT,
                    new Llama.Size(64, 96, 2, 4, 2),
                    Llama.Constants.STANDARD,
                    Gpt.Head.OWN)
                .build(5));
    this.plain = Session.open(model, SessionOptions.defaults());
    this.form = CachedDecoder.of(model);
  }

  /** Weights large enough that attention is not uniform and a wrong place shows. */
  private static Model spread(Model model) {
    Map<String, Tensor> weights = new LinkedHashMap<>();
    model
        .graph()
        .initializers()
        .forEach(
            (name, tensor) -> {
              float[] values = tensor.toFloats();
              for (int i = 0; i < values.length; i++) {
                values[i] *= name.contains("norm") ? 1 : 6;
              }
              weights.put(name, Tensor.ofFloats(values, tensor.dims()));
            });
    return model.withGraph(model.graph().withInitializers(weights));
  }

  SessionDecoder decoder(List<Arena> arenas, int chunk) {
    return new SessionDecoder(
        Session.open(form.model(), SessionOptions.defaults()),
        form,
        new SessionDecoder.Size(arenas, 1 << 20, chunk));
  }

  Engine engine(List<Arena> arenas, int chunk, int draft) {
    return new Engine(
        decoder(arenas, chunk),
        new Engine.Setting("test-engine", chunk, draft, 1000, new Ends(Simulation.ENDS, List.of())),
        request -> new Simulation.Letters());
  }

  /** The answer as the plain form gives it. */
  List<Integer> plain(GenerateRequest request) {
    int[] tokens = request.prompt();
    Seed seed = Seed.of(request.sampling().seed().orElse(0L), 0);
    Sampler sampler = new Sampler(VOCABULARY);
    List<Integer> answer = new ArrayList<>();
    int end = Math.min(CONTEXT, tokens.length + request.ending().maxTokens());
    while (tokens.length < end) {
      long[] x = Arrays.stream(tokens).asLongStream().toArray();
      float[] all = plain.run(Map.of("x", Tensor.ofLongs(x, 1, x.length))).get("y").toFloats();
      float[] last = Arrays.copyOfRange(all, all.length - VOCABULARY, all.length);
      int token = sampler.draw(last, request.sampling(), seed.at(answer.size()));
      if (request.ending().end() == Ending.EndTokens.END && Simulation.ENDS.contains(token)) {
        break;
      }
      answer.add(token);
      tokens = Arrays.copyOf(tokens, tokens.length + 1);
      tokens[tokens.length - 1] = token;
    }
    return answer;
  }

  @Override
  public void close() {
    plain.close();
  }
}
