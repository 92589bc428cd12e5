package dev.lathe.server.importing;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import dev.lathe.zoo.HuggingFace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Fetches what makes up a model from a hub: the config, what says how texts become tokens, and
 * weights as safetensors; nothing else that lies there. Files come from one commit.
 *
 * @see <a href="https://huggingface.co/docs/hub/api">Hub API</a>
 */
public final class HubDownload {
  private static final String ENDPOINT = "HF_ENDPOINT";
  private static final String TOKEN = "HF_TOKEN";
  private static final String USUAL = "https://huggingface.co";
  private static final String WHOLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";
  private static final List<String> ADAPTER =
      List.of("adapter_config.json", "adapter_model.safetensors");
  private static final int LARGEST_ANSWER = 32 << 20;
  private static final long LARGEST_SMALL = 256L << 20;
  private static final long LARGEST_WEIGHTS = 256L << 30;
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final HubClient client;

  /**
   * Downloads from a hub.
   *
   * @param endpoint the hub's address; {@code https}, or {@code http} on this machine
   * @param token what to say who we are by; empty for nothing
   */
  public HubDownload(String endpoint, String token) {
    this.client = new HubClient(endpoint, token);
  }

  /**
   * Downloads from the hub that the environment names.
   *
   * @param environment {@code HF_ENDPOINT} is the hub's address, {@code HF_TOKEN} says who we are
   * @return the downloads
   * @throws LatheException BAD_CONFIGURATION if the address is none
   */
  public static HubDownload of(Map<String, String> environment) {
    return new HubDownload(
        environment.getOrDefault(ENDPOINT, USUAL), environment.getOrDefault(TOKEN, ""));
  }

  /**
   * Fetches a model.
   *
   * @param model which
   * @param folder an empty folder
   * @return the same model at the commit that its files are of
   * @throws LatheException NOT_FOUND, REFUSED, UNREACHABLE or BAD_ANSWER, and then the folder may
   *     hold a part
   */
  public HubReference fetch(HubReference model, Path folder) {
    Listing listing = listing(model);
    HubReference fixed = model.at(listing.commit());
    if (listing.isAdapter()) {
      fetch(fixed, ADAPTER.get(0), folder.resolve(ADAPTER.get(0)), LARGEST_SMALL);
      fetch(fixed, ADAPTER.get(1), folder.resolve(ADAPTER.get(1)), LARGEST_WEIGHTS);
      return fixed;
    }
    if (!listing.files().contains("config.json")) {
      throw new LatheException(
          ServerError.BAD_SOURCE, fixed + ": no config.json (expected: a model of transformers)");
    }
    for (String name : HuggingFace.smallFiles()) {
      if (listing.files().contains(name)) {
        fetch(fixed, name, folder.resolve(name), LARGEST_SMALL);
      }
    }
    List<String> weights = weights(listing, folder);
    for (String name : weights) {
      if (!listing.files().contains(name)) {
        throw new LatheException(
            ServerError.BAD_SOURCE, fixed + ": no " + name + " (expected: weights as safetensors)");
      }
      fetch(fixed, name, folder.resolve(name), LARGEST_WEIGHTS);
    }
    return fixed;
  }

  private static List<String> weights(Listing listing, Path folder) {
    return listing.files().contains(WHOLE) ? List.of(WHOLE) : HuggingFace.weightFiles(folder);
  }

  private void fetch(HubReference model, String name, Path file, long largest) {
    String path = "/" + model.repository() + "/resolve/" + model.revision() + "/" + name;
    try {
      Files.createDirectories(file.getParent());
    } catch (IOException e) {
      throw new LatheException(
          ServerError.JOB_STORAGE, file + ": cannot be written: " + e.getMessage(), e);
    }
    client.save(path, file, largest);
  }

  /** What lies at a revision: its commit, and the names of its files. */
  private record Listing(String commit, Set<String> files) {
    /** A full model may have adapters that were made of it beside it. */
    boolean isAdapter() {
      return files.containsAll(ADAPTER) && !files.contains(WHOLE) && !files.contains(INDEX);
    }
  }

  private Listing listing(HubReference model) {
    String path =
        "/api/models/" + model.repository() + "/revision/" + model.revision().replace("/", "%2F");
    byte[] bytes = client.read(path, LARGEST_ANSWER);
    try {
      JsonNode answer = JSON.readTree(bytes);
      String commit = answer.path("sha").asString("");
      if (!COMMIT.matcher(commit).matches()) {
        throw new LatheException(
            ServerError.BAD_ANSWER,
            model + ": the hub's answer has no commit (expected: \"sha\" with 40 digits)");
      }
      List<String> files = new ArrayList<>();
      answer.path("siblings").forEach(file -> files.add(file.path("rfilename").asString("")));
      return new Listing(commit, new HashSet<>(files));
    } catch (JacksonException e) {
      throw new LatheException(ServerError.BAD_ANSWER, model + ": the hub's answer is no JSON", e);
    }
  }
}
