package dev.lathe.checks.fault;

import dev.lathe.registry.Content;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.Release;
import java.nio.file.Path;
import java.util.Arrays;

/** Publishes and deploys one version after the other until somebody kills it. */
final class PublishLoop {
  private PublishLoop() {}

  public static void main(String[] arguments) {
    ModelName model = ModelName.parse("fault/model");
    try (Registry registry = Registry.open(Path.of(arguments[0]))) {
      int first = registry.exists(model) ? registry.log(model).size() + 1 : 1;
      for (int version = first; version < 1_000_000; version++) {
        Release release =
            Release.of(Content.of(content(version)), Metadata.NONE, "number " + version);
        String published = registry.publish(model, release).version();
        registry.deploy(model, published, "prod");
        System.out.println(published);
      }
    }
  }

  /** A file whose every byte follows from the number of its version. */
  static byte[] content(int version) {
    byte[] bytes = new byte[200_000 + version];
    Arrays.fill(bytes, (byte) version);
    return bytes;
  }
}
