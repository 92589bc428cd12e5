package dev.lathe.cli;

import dev.lathe.server.KeyWish;
import dev.lathe.server.Quota;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a new key should be, as it was typed. */
final class KeyOptions {
  private static final long MILLIS = 1000;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      required = true,
      description = "What the key is called, for example ci.")
  private String name = "";

  @Option(
      names = "--allow",
      paramLabel = "SCOPE",
      required = true,
      split = ",",
      description = "What it may do, for example infer:demo/*; may be given more than once.")
  private List<String> allow = new ArrayList<>();

  @Option(
      names = "--expires",
      paramLabel = "TIME",
      description = "When it ends, from now, for example 90d (default: never).")
  private @Nullable String expires;

  @Option(
      names = "--requests-per-minute",
      paramLabel = "N",
      description = "How many requests it may make in a minute (default: no limit).")
  private long requestsPerMinute;

  @Option(
      names = "--compute-per-minute",
      paramLabel = "SECONDS",
      description = "How many seconds models may work for it in a minute (default: no limit).")
  private long computePerMinute;

  @Option(
      names = "--compute-per-day",
      paramLabel = "SECONDS",
      description = "How many seconds models may work for it in a day (default: no limit).")
  private long computePerDay;

  KeyWish wish() {
    Quota quota = new Quota(requestsPerMinute, computePerMinute * MILLIS, computePerDay * MILLIS);
    return new KeyWish(
        name,
        List.copyOf(allow),
        Optional.ofNullable(expires),
        Optional.of(quota).filter(given -> !given.equals(Quota.NONE)));
  }
}
