package dev.lathe.cli;

import dev.lathe.server.KeyInfo;
import dev.lathe.server.KeyWish;
import dev.lathe.server.Keys;
import dev.lathe.server.NewKey;
import java.util.List;
import java.util.Optional;

/** Keys with known answers that remember what they were asked. */
record FakeKeys(List<String> asked) implements Keys {
  private static final KeyInfo CI =
      new KeyInfo(
          "0123456789",
          "ci",
          List.of("infer:demo/*"),
          FakeLathe.NOW,
          Optional.of(FakeLathe.NOW),
          Optional.empty());

  @Override
  public NewKey create(KeyWish wish) {
    asked.add("create " + wish);
    return new NewKey("lathe_0123456789_secret", CI);
  }

  @Override
  public List<KeyInfo> list() {
    return List.of(CI);
  }

  @Override
  public List<KeyInfo> revoke(String nameOrId) {
    asked.add("revoke " + nameOrId);
    return List.of(CI);
  }

  @Override
  public NewKey rotate(String nameOrId, String overlap) {
    asked.add("rotate " + nameOrId + " " + overlap);
    return new NewKey("lathe_0123456789_other", CI);
  }
}
