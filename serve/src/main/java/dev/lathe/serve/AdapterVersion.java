package dev.lathe.serve;

import dev.lathe.generate.TextModel;
import dev.lathe.ir.LatheException;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import java.nio.file.Path;

/**
 * A version that is an adapter of another one, which is loaded with it and stays as long.
 *
 * @param registry where both are
 * @param version the adapter
 * @param others leases the version that it was made for
 */
record AdapterVersion(Registry registry, ModelVersion version, PipelineResponder.Models others) {
  /** The text model that both make. */
  TextSlot slot() {
    return TextSlot.of(this::open, 0);
  }

  private TextModel open() {
    ModelVersion base = base();
    requireText(base);
    Path folder = registry.materialize(version.model(), version.version());
    Lease lease = others.acquire(base.model(), Selector.version(base.version()));
    boolean open = false;
    try {
      TextModel model = lease.model().text().adapted(version.toString(), folder, lease::close);
      open = true;
      return model;
    } finally {
      if (!open) {
        lease.close();
      }
    }
  }

  private ModelVersion base() {
    String named =
        registry
            .show(version.model(), version.version())
            .metadata()
            .adapterOf()
            .orElseThrow(
                () -> refuse("its lineage names no parent (expected: the version that it is for)"));
    int at = named.lastIndexOf('@');
    return new ModelVersion(ModelName.parse(named.substring(0, at)), named.substring(at + 1));
  }

  /** What is no text model by itself might need this adapter, and wait for it forever. */
  private void requireText(ModelVersion base) {
    Metadata metadata = registry.show(base.model(), base.version()).metadata();
    boolean text =
        metadata.pipeline().isEmpty()
            && (metadata.task().equals(RegistrySource.TEXT_TASK)
                || metadata.task().equals(RegistrySource.LANGUAGE_TASK));
    if (!text) {
      throw refuse(
          "its base " + base + " has task \"" + metadata.task() + "\" (expected: a text model)");
    }
  }

  private LatheException refuse(String what) {
    return new LatheException(ServeError.LOAD_FAILED, "adapter " + version + ": " + what);
  }
}
