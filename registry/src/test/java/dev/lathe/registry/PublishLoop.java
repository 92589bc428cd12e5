package dev.lathe.registry;

import java.nio.file.Path;

/**
 * A program that publishes and deploys, again and again, to be killed at any moment. Arguments: the
 * registry's folder, the model, the first seed, how many versions. It prints a line for each
 * version that it was told is published, and one for each that it was told is live.
 */
public final class PublishLoop {
  private PublishLoop() {}

  /**
   * Publishes.
   *
   * @param arguments folder, model, first seed, count
   */
  public static void main(String[] arguments) {
    ModelName model = ModelName.parse(arguments[1]);
    long first = Long.parseLong(arguments[2]);
    long count = Long.parseLong(arguments[3]);
    try (Registry registry = Registry.open(Path.of(arguments[0]))) {
      System.out.println("ready");
      for (long seed = first; seed < first + count; seed++) {
        String version = registry.publish(model, Samples.release(seed)).version();
        System.out.println("published " + version + " " + seed);
        registry.deploy(model, version, "prod");
        System.out.println("live " + version);
      }
    }
  }
}
