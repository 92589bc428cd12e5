package dev.lathe.serve.pipeline;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.prepare.Tokens;
import dev.lathe.registry.Step;
import dev.lathe.serve.ServeError;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Texts to tokens: "text" BYTES [N] to three tensors [N, L]. */
final class TokenizerStep implements BuiltInStep {
  private static final long MOST_NUMBERS = 1L << 24;

  private final Tokens tokens;
  private final Step step;

  private TokenizerStep(Tokens tokens, Step step) {
    this.tokens = tokens;
    this.step = step;
  }

  static TokenizerStep open(Step step, Path folder) {
    Tokens.Form form =
        new Tokens.Form(
            step.whole("max_length"),
            step.whole("max_characters"),
            step.flag("truncation") ? Tokens.Excess.CUT : Tokens.Excess.REFUSE,
            step.text("padding").equals("full") ? Tokens.Padding.FULL : Tokens.Padding.LONGEST);
    return new TokenizerStep(Tokens.open(folder.resolve(step.text("file")), form), step);
  }

  @Override
  public boolean isLong() {
    return true;
  }

  @Override
  public Map<String, Tensor> run(Map<String, Tensor> inputs) {
    List<String> texts = inputs.get("text").strings();
    long most = Math.min(step.whole("max_texts"), MOST_NUMBERS / step.whole("max_length"));
    if (texts.size() > most) {
      throw new LatheException(
          ServeError.BAD_INPUT, texts.size() + " texts (expected: at most " + most + ")");
    }
    Tokens.Batch batch = tokens.encode(texts);
    long[] dims = {texts.size(), batch.length()};
    return Map.of(
        "input_ids", tensor(batch.ids(), dims),
        "attention_mask", tensor(batch.mask(), dims),
        "token_type_ids", tensor(batch.types(), dims));
  }

  private Tensor tensor(long[] values, long[] dims) {
    return step.text("datatype").equals("INT32")
        ? Tensor.ofInts(LongStream.of(values).mapToInt(Math::toIntExact).toArray(), dims)
        : Tensor.ofLongs(values, dims);
  }

  @Override
  public void close() {
    tokens.close();
  }
}
