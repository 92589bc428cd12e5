package dev.lathe.zoo;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.zoo.huggingface.Checkpoint;
import dev.lathe.zoo.huggingface.GgufCheckpoint;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * A model of others with its weights, read from a folder as Hugging Face's libraries save it:
 * {@code config.json}, {@code model.safetensors} or several such files with an index, and what says
 * how texts become tokens.
 *
 * <p>The model is in plain form: one graph of standard operators without state. Inputs and outputs
 * bear the names that they have there, all of them INT64 and FLOAT:
 *
 * <ul>
 *   <li>a decoder: {@code input_ids} [N, T]; {@code logits} [N, T, V]
 *   <li>an encoder: {@code input_ids}, {@code attention_mask} and, if it has types, {@code
 *       token_type_ids} [N, T]; outputs by its task
 *   <li>an encoder and a decoder: {@code input_ids}, {@code attention_mask} [N, S], {@code
 *       decoder_input_ids} [N, T]; {@code logits} [N, T, V]
 * </ul>
 *
 * @param model the graph with its weights, which are slices of the files where these hold FLOAT
 * @param task what the model is asked
 * @param architecture the name of its class there, such as {@code LlamaForCausalLM}
 * @param labels names of the classes by index; empty if there are none
 * @param files files of the folder that belong beside the model: tokenizer, templates, settings
 */
public record HuggingFace(
    Model model, Task task, String architecture, List<String> labels, List<Path> files) {
  /** What a model is asked, in Hugging Face's words. */
  public enum Task {
    /** The next token of a text. */
    TEXT_GENERATION,
    /** Another text for a text: a translation, a summary. */
    TEXT2TEXT_GENERATION,
    /** Features of a text. */
    FEATURE_EXTRACTION,
    /** The token that a mask hides. */
    FILL_MASK,
    /** A class, or a score, of a text or of a pair of texts. */
    TEXT_CLASSIFICATION,
    /** A class of each token. */
    TOKEN_CLASSIFICATION,
    /** The span of a text that answers a question. */
    QUESTION_ANSWERING;

    /**
     * The name in {@code lathe.yaml}.
     *
     * @return the name as Hugging Face writes it, such as {@code text-generation}
     */
    public String key() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Copies the lists. */
  public HuggingFace {
    labels = List.copyOf(labels);
    files = List.copyOf(files);
  }

  /**
   * Reads a folder. Nothing is run and nothing is passed over: a field of the config or a tensor
   * that is not known is refused, since it may change what the model computes.
   *
   * @param folder the folder; nobody may change its files while the model is in use
   * @return the model and what belongs to it
   * @throws LatheException NO_FILE or UNREADABLE for files; UNSUPPORTED, naming it, for an
   *     architecture, a field or a tensor that is not known; BAD_CONFIG or BAD_WEIGHTS for what is
   *     wrong in itself or does not fit
   */
  public static HuggingFace read(Path folder) {
    return Checkpoint.read(folder);
  }

  /**
   * Reads a folder whose model may be larger than the memory, as {@link #read(Path)} does.
   *
   * @param folder the folder
   * @param wide a file, not there yet, for weights that become wider; it must live as long as the
   *     model
   * @return the model and what belongs to it
   * @throws LatheException as for {@link #read(Path)}; UNREADABLE if the file cannot be written
   */
  public static HuggingFace read(Path folder, Path wide) {
    return Checkpoint.read(folder, wide);
  }

  /**
   * Reads a file of llama.cpp as the model that it was made from: weights in blocks become the
   * numbers that they stand for, metadata become {@code config.json}, and the tokenizer inside
   * becomes {@code tokenizer.json}. Nothing is passed over here either.
   *
   * @param file the file
   * @param folder an empty folder for these files, and for weights; it must live as long as the
   *     model
   * @return the model and what belongs to it
   * @throws LatheException as for {@link #read(Path)}; MALFORMED or LIMIT for a file that is not
   *     sound
   */
  public static HuggingFace readGguf(Path file, Path folder) {
    return GgufCheckpoint.read(file, folder);
  }

  /**
   * Reads a folder whose weights are in a graph that an exporter wrote, such as Optimum's with
   * {@code past_key_values} as inputs. The graph is drawn anew from the config; the exporter's is
   * read for its weights only, and whoever asks must compare what both answer.
   *
   * @param folder the folder, with the config
   * @param graph the ONNX file, with its external data beside it
   * @param wide as for {@link #read(Path, Path)}
   * @return the model and what belongs to it
   * @throws LatheException as for {@link #read(Path)}; BAD_WEIGHTS if a weight cannot be told by
   *     its name or its reader's
   */
  public static HuggingFace readExported(Path folder, Path graph, Path wide) {
    return Checkpoint.readExported(folder, graph, wide);
  }

  /**
   * The files of a folder that are read or kept, but for the weights themselves.
   *
   * @return plain names; none of them but {@code config.json} must be there
   */
  public static List<String> smallFiles() {
    return Checkpoint.smallFiles();
  }

  /**
   * The files that hold the weights of a folder.
   *
   * @param folder a folder with at least the index, if there is one
   * @return plain names
   * @throws LatheException BAD_WEIGHTS if the index names files that are none of the folder
   */
  public static List<String> weightFiles(Path folder) {
    return Checkpoint.weightFiles(folder);
  }
}
