package dev.lathe.server.importing;

import dev.lathe.generate.TextModel;
import dev.lathe.ir.LatheException;
import dev.lathe.registry.Content;
import dev.lathe.registry.DataDigest;
import dev.lathe.registry.Lineage;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.Release;
import dev.lathe.registry.VersionInfo;
import dev.lathe.server.Right;
import dev.lathe.server.ServerError;
import dev.lathe.server.Tool;
import dev.lathe.server.access.Caller;
import dev.lathe.zoo.LowRank;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Makes a release of a folder with a low-rank adapter. It must fit the version that it was made
 * for, which must be in the registry already; the release names it.
 *
 * @param registry where that version is
 * @param clock where times come from
 */
public record AdapterImport(Registry registry, InstantSource clock) {
  /**
   * Where an adapter belongs.
   *
   * @param name what messages call it
   * @param base {@code namespace/name}, which means its newest version, or {@code
   *     namespace/name@v<N>}; empty for the model that the adapter's config names, if it is in the
   *     registry
   * @param origin where it comes from; empty for a folder of this machine
   */
  public record Place(String name, String base, String origin) {}

  /**
   * Reads a folder.
   *
   * @param folder the folder; nothing of it changes until the release is published
   * @param place where it belongs
   * @param message why the version exists; empty for a usual one
   * @return the release
   * @throws LatheException as {@link LowRank#read} says; BAD_SOURCE if the base is not there or is
   *     no text model; BAD_ADAPTER if the adapter does not fit it
   */
  public Release read(Path folder, Place place, String message) {
    LowRank adapter = LowRank.read(folder);
    VersionInfo base = base(place.base().isEmpty() ? adapter.base() : place.base());
    TextModel.requireFits(
        registry.materialize(base.model(), base.version()), place.name(), adapter);
    String version = base.model() + "@" + base.version();
    SortedMap<String, Content> files = new TreeMap<>();
    List<DataDigest> data = new ArrayList<>();
    for (Path file : adapter.files()) {
      String name = String.valueOf(file.getFileName());
      files.put(name, Content.of(file));
      String full = place.origin().isEmpty() ? name : place.origin() + "/" + name;
      data.add(new DataDigest(full, FileDigest.of(file), 0));
    }
    Lineage lineage =
        new Lineage("import", List.of(version), "", data, Map.of(), 0, Tool.NAME, clock.instant());
    Metadata metadata =
        new Metadata(Metadata.ADAPTER_TASK, List.of(), Metadata.NONE.signature(), lineage);
    String usual =
        "Import an adapter of "
            + version
            + (place.origin().isEmpty() ? "" : " from " + place.origin());
    return new Release(files, metadata, message.isEmpty() ? usual : message);
  }

  private VersionInfo base(String named) {
    int at = named.lastIndexOf('@');
    String name = at < 0 ? named : named.substring(0, at);
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}")
        || !Caller.current().may(Right.READ, name)
        || !registry.exists(ModelName.parse(name))) {
      String shown = named.length() > 80 ? named.substring(0, 77) + "…" : named;
      throw new LatheException(
          ServerError.BAD_SOURCE,
          "base \""
              + shown
              + "\": no model in this registry (expected: the model that the adapter was made for,"
              + " named with --base namespace/name or namespace/name@v2)");
    }
    VersionInfo base =
        registry.show(ModelName.parse(name), at < 0 ? "latest" : named.substring(at + 1));
    String task = base.metadata().task();
    if (!task.equals("text-generation") && !task.equals("language_model")) {
      throw new LatheException(
          ServerError.BAD_SOURCE,
          "base " + named + ": task \"" + task + "\" (expected: a text model)");
    }
    return base;
  }
}
