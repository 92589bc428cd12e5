package dev.lathe.generate;

import dev.lathe.generate.engine.AdapterFit;
import dev.lathe.ir.LatheException;
import dev.lathe.prepare.ChatTemplate;
import dev.lathe.prepare.Tokenizer;
import dev.lathe.zoo.LowRank;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** A decoder in memory that answers many prompts at once. For many threads at once. */
public interface TextModel extends AutoCloseable {
  /**
   * Loads a decoder.
   *
   * @param folder a version's files: {@code model.onnx}, a decoder in plain form; and beside it, as
   *     far as there, Hugging Face's {@code config.json}, {@code generation_config.json}, {@code
   *     tokenizer.json} and a chat template
   * @param options how it shares the machine
   * @return the model; the caller closes it
   * @throws LatheException BAD_MODEL or what the rooms that read the files say, if they make no
   *     text model; BAD_OPTION
   */
  static TextModel open(Path folder, TextOptions options) {
    return FolderModel.open(folder, options);
  }

  /**
   * What makes tokens of text, and text of tokens.
   *
   * @return the tokenizer, closed with this; empty if the model has none, and then answers have
   *     tokens and no text
   */
  Optional<Tokenizer> tokenizer();

  /**
   * How a conversation is written out for it.
   *
   * @return its chat template; empty if it has none
   */
  default Optional<ChatTemplate> template() {
    return Optional.empty();
  }

  /**
   * What holds its answers to constraints.
   *
   * @return the maker of masks over its tokens; empty for models without a tokenizer
   */
  default Optional<Constraints> constraints() {
    return Optional.empty();
  }

  /**
   * The number of tokens that the model knows.
   *
   * @return tokens are 0 to this − 1
   */
  int vocabulary();

  /**
   * The longest text.
   *
   * @return the most tokens of prompt and answer together
   */
  int context();

  /**
   * The tokens that end an answer by themselves.
   *
   * @return the model's end tokens
   */
  Set<Integer> endTokens();

  /**
   * How the model's makers would draw tokens.
   *
   * @return what {@code generation_config.json} says; {@link Sampling#PLAIN} where it says nothing
   */
  Sampling sampling();

  /**
   * Begins to answer.
   *
   * @param request the prompt and what is wanted
   * @return the events; the caller closes them
   * @throws LatheException BAD_REQUEST or PROMPT_TOO_LONG if it can never be answered, QUEUE_FULL
   *     with the time after which to try again, UNKNOWN_ADAPTER, CLOSED
   */
  TextStream generate(GenerateRequest request);

  /**
   * The same model with a low-rank adapter. Both answer side by side, in the same steps; the
   * adapter takes memory once it is asked.
   *
   * @param name what messages call it
   * @param adapter the adapter
   * @param onClose what to do when the result was closed
   * @return the model with the adapter, which is closed before this; closing it leaves this open
   * @throws LatheException BAD_ADAPTER, naming the layer, if it was made for another model
   */
  default TextModel adapted(String name, LowRank adapter, Runnable onClose) {
    throw new LatheException(
        GenerateError.BAD_ADAPTER, "adapter \"" + name + "\": this model takes none");
  }

  /**
   * The same model with the adapter in a folder.
   *
   * @param name what messages call it
   * @param folder as {@link LowRank#read} takes it
   * @param onClose what to do when the result was closed
   * @return the model with the adapter, as {@link #adapted(String, LowRank, Runnable)} gives it
   * @throws LatheException as there; or what is wrong with the folder
   */
  default TextModel adapted(String name, Path folder, Runnable onClose) {
    return adapted(name, LowRank.read(folder), onClose);
  }

  /**
   * Refuses an adapter that was made for another model, without loading the model.
   *
   * @param folder a version's files, as for {@link #open}
   * @param name what messages call the adapter
   * @param adapter the adapter
   * @throws LatheException BAD_ADAPTER, naming the layer; or what is wrong with the model
   */
  static void requireFits(Path folder, String name, LowRank adapter) {
    AdapterFit.require(
        name, adapter, FolderModel.sites(folder.resolve("model.onnx"), TextOptions.usual()));
  }

  /**
   * How it is held in memory.
   *
   * @return weights, places and cache
   */
  TextForm form();

  /**
   * How busy it is.
   *
   * @return counts at this moment
   */
  EngineStatistics statistics();

  /**
   * Whether it ended by itself and answers no more.
   *
   * @return true if something went wrong that was not one request's: close it, and open it again
   */
  default boolean failed() {
    return false;
  }

  /**
   * What it takes of the memory.
   *
   * @return bytes of weights and cache, and of adapters that are ready to be used
   */
  long bytes();

  /**
   * Who hears that {@link #bytes} gives another number than before, since adapters came or went.
   *
   * @param listener called on any thread, which it does not hold up; takes the place of an earlier
   *     one
   */
  default void onResized(Runnable listener) {}

  /** Fails what waits and runs, and frees everything. */
  @Override
  void close();
}
