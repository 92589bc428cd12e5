package dev.lathe.server.access;

import dev.lathe.ir.LatheException;
import dev.lathe.server.KeyInfo;
import dev.lathe.server.KeyWish;
import dev.lathe.server.Keys;
import dev.lathe.server.NewKey;
import dev.lathe.server.Quota;
import dev.lathe.server.ServerError;
import dev.lathe.server.config.Quantities;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The keys of a data directory. What another process changes is seen within a second.
 *
 * <p>Safe for many threads; asking takes no lock.
 */
public final class KeyStore implements Keys {
  private static final int MOST = 10_000;
  private static final int MOST_SCOPES = 64;
  private static final long LOOK_AGAIN_NANOS = 500_000_000;
  private static final Duration LONGEST = Duration.ofDays(36_500);
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

  private final KeyFile file;
  private final Clock clock;
  private volatile Seen seen;

  /** The keys as they were when they were last looked at. */
  private record Seen(
      String stamp, long nanos, Map<String, Known> byId, Map<String, Known> byAccount) {}

  /** A key that is ready to be compared. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Known(byte[] hash, Instant end, Caller caller) {}

  /**
   * The keys of a data directory.
   *
   * @param data the data directory, which need not exist
   * @param clock for when keys end
   */
  public KeyStore(Path data, Clock clock) {
    this.file = new KeyFile(data.resolve("access"));
    this.clock = clock;
    this.seen = look("none");
  }

  /**
   * Whose key this is.
   *
   * @param key what a caller sent
   * @return the caller; nothing if there is no such key, or it has ended
   */
  public Optional<Caller> find(String key) {
    Known known = KeyText.id(key).map(id -> current().byId().get(id)).orElse(null);
    if (known == null || !MessageDigest.isEqual(known.hash(), KeyText.digest(key))) {
      return Optional.empty();
    }
    return clock.instant().isBefore(known.end()) ? Optional.of(known.caller()) : Optional.empty();
  }

  /**
   * Who has the key that an account belongs to, as things are now.
   *
   * @param account whose
   * @return the caller with the rights of its key that stays longest; nothing if no key is left
   */
  Optional<Caller> holder(String account) {
    return Optional.ofNullable(current().byAccount().get(account))
        .filter(known -> clock.instant().isBefore(known.end()))
        .map(Known::caller);
  }

  private Seen current() {
    Seen last = seen;
    if (System.nanoTime() - last.nanos() > LOOK_AGAIN_NANOS) {
      last = look(last.stamp());
      seen = last;
    }
    return last;
  }

  private Seen look(String lastStamp) {
    long now = System.nanoTime();
    String stamp = file.stamp();
    if (stamp.equals(lastStamp)) {
      return new Seen(stamp, now, seen.byId(), seen.byAccount());
    }
    Map<String, Known> byId = new HashMap<>();
    Map<String, Known> byAccount = new HashMap<>();
    for (StoredKey key : file.read()) {
      KeyInfo info = key.info();
      List<Scope> scopes = info.allow().stream().map(Scope::parse).toList();
      Quota quota = info.quota().orElse(Quota.NONE);
      Caller caller = new Caller("key:" + info.name(), Optional.of(key.account()), scopes, quota);
      Instant end = info.expires().orElse(Instant.MAX);
      Known known = new Known(HexFormat.of().parseHex(key.hash()), end, caller);
      byId.put(info.id(), known);
      byAccount.merge(
          key.account(), known, (one, two) -> two.end().isBefore(one.end()) ? one : two);
    }
    return new Seen(stamp, now, byId, byAccount);
  }

  @Override
  public NewKey create(KeyWish wish) {
    requireName(wish.name());
    List<String> allow = wish.allow().stream().map(text -> Scope.parse(text).text()).toList();
    if (allow.isEmpty() || allow.size() > MOST_SCOPES) {
      throw bad("allow", allow.size() + " scopes", "1 to " + MOST_SCOPES);
    }
    wish.quota().ifPresent(KeyStore::requireQuota);
    Optional<Instant> end = wish.expires().map(text -> clock.instant().plus(span(text)));
    KeyInfo shown = new KeyInfo("", wish.name(), allow, clock.instant(), end, wish.quota());
    Made made = made(shown);
    change(
        keys -> {
          if (keys.stream().anyMatch(key -> key.info().name().equals(wish.name()))) {
            throw new LatheException(
                ServerError.KEY_EXISTS,
                "key \"" + wish.name() + "\" exists (revoke or rotate it, or choose another name)");
          }
          keys.add(made.stored());
        });
    return made.shown();
  }

  @Override
  public List<KeyInfo> list() {
    return alive(file.read()).stream()
        .map(StoredKey::info)
        .sorted(Comparator.comparing(KeyInfo::name).thenComparing(KeyInfo::created))
        .toList();
  }

  @Override
  public List<KeyInfo> revoke(String nameOrId) {
    List<KeyInfo> ended = new ArrayList<>();
    change(
        keys -> {
          ended.addAll(required(keys, nameOrId));
          keys.removeIf(key -> ended.contains(key.info()));
        });
    return ended;
  }

  @Override
  public NewKey rotate(String nameOrId, String overlap) {
    Instant now = clock.instant();
    Instant end = now.plus(span(overlap));
    List<NewKey> result = new ArrayList<>();
    change(
        keys -> {
          KeyInfo last = required(keys, nameOrId).getLast();
          Optional<String> line = lineage(keys, last);
          Optional<Instant> same =
              last.expires().map(old -> now.plus(Duration.between(last.created(), old)));
          Made made = made(new KeyInfo("", last.name(), last.allow(), now, same, last.quota()));
          keys.replaceAll(key -> key.info().name().equals(last.name()) ? ending(key, end) : key);
          keys.add(new StoredKey(made.stored().info(), made.stored().hash(), line));
          result.add(made.shown());
        });
    return result.getFirst();
  }

  private static StoredKey ending(StoredKey key, Instant end) {
    KeyInfo info = key.info();
    Instant sooner = info.expires().filter(own -> own.isBefore(end)).orElse(end);
    return new StoredKey(
        new KeyInfo(
            info.id(),
            info.name(),
            info.allow(),
            info.created(),
            Optional.of(sooner),
            info.quota()),
        key.hash(),
        key.lineage());
  }

  private static Optional<String> lineage(List<StoredKey> keys, KeyInfo of) {
    return keys.stream()
        .filter(key -> key.info().equals(of))
        .findFirst()
        .flatMap(StoredKey::lineage);
  }

  private static List<KeyInfo> required(List<StoredKey> keys, String nameOrId) {
    List<KeyInfo> found =
        keys.stream()
            .map(StoredKey::info)
            .filter(info -> info.id().equals(nameOrId) || info.name().equals(nameOrId))
            .sorted(Comparator.comparing(KeyInfo::created))
            .toList();
    if (found.isEmpty()) {
      throw new LatheException(ServerError.UNKNOWN_KEY, "key \"" + nameOrId + "\": no such key");
    }
    return found;
  }

  /** A new key on both sides, the first of its lineage. */
  private record Made(NewKey shown, StoredKey stored) {}

  private static Made made(KeyInfo wish) {
    String key = KeyText.create();
    KeyInfo info =
        new KeyInfo(
            KeyText.id(key).orElseThrow(),
            wish.name(),
            wish.allow(),
            wish.created(),
            wish.expires(),
            wish.quota());
    String hash = HexFormat.of().formatHex(KeyText.digest(key));
    return new Made(new NewKey(key, info), new StoredKey(info, hash, Optional.of(info.id())));
  }

  private void change(java.util.function.Consumer<List<StoredKey>> change) {
    file.change(
        keys -> {
          List<StoredKey> changed = new ArrayList<>(alive(keys));
          change.accept(changed);
          if (changed.size() > MOST) {
            throw bad("keys", changed.size() + "", "at most " + MOST);
          }
          return changed;
        });
    seen = look("changed");
  }

  private List<StoredKey> alive(List<StoredKey> keys) {
    Instant now = clock.instant();
    return keys.stream()
        .filter(key -> key.info().expires().map(now::isBefore).orElse(true))
        .toList();
  }

  private static void requireName(String name) {
    if (!NAME.matcher(name).matches()) {
      throw bad("name", "\"" + name + "\"", "1 to 64 letters, digits, dots, dashes, underscores");
    }
  }

  private static void requireQuota(Quota quota) {
    if (Math.min(
            quota.requestsPerMinute(),
            Math.min(quota.computeMillisPerMinute(), quota.computeMillisPerDay()))
        < 0) {
      throw bad("quota", quota.toString(), "numbers from 0, 0 for no limit");
    }
  }

  private static Duration span(String text) {
    return Quantities.span(text)
        .filter(span -> span.compareTo(LONGEST) <= 0)
        .orElseThrow(() -> bad("time", "\"" + text + "\"", "such as 12h or 90d"));
  }

  private static LatheException bad(String what, String found, String expected) {
    return new LatheException(
        ServerError.BAD_REQUEST, what + ": " + found + " (expected: " + expected + ")");
  }
}
