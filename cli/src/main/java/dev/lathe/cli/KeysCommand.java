package dev.lathe.cli;

import dev.lathe.cli.text.Screen;
import dev.lathe.cli.text.Style;
import dev.lathe.cli.text.Table;
import dev.lathe.cli.text.Words;
import dev.lathe.server.KeyInfo;
import dev.lathe.server.Lathe;
import dev.lathe.server.NewKey;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes, lists, rotates and revokes the keys that callers of a server have. */
@Command(
    name = "keys",
    description = "List the keys of a server's callers; make, rotate or revoke one.",
    synopsisSubcommandLabel = "[COMMAND]",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lathe keys create --name ci --allow infer:demo/* --expires 90d",
      "  lathe keys",
      "  lathe keys rotate ci --overlap 24h     a new key; the old one ends in a day",
      "  lathe keys revoke ci",
      "",
      "Rights: infer, read, train, deploy, pull, push, metrics, admin; * for all. A server asks",
      "for keys where its settings say access.required: true. A key is shown once."
    })
final class KeysCommand implements Callable<Integer> {
  @Mixin private final Help help = new Help();
  @Mixin private final Place place = new Place();
  private final Bench bench;

  KeysCommand(Bench bench) {
    this.bench = bench;
  }

  @Override
  public Integer call() {
    return list(place);
  }

  @Command(name = "list", description = "List the keys that have not ended.")
  int list(@Mixin Help asked, @Mixin(name = "place") Place from) {
    return list(from);
  }

  @Command(name = "create", description = "Make a key and show it, once.")
  int create(
      @Mixin Help asked, @Mixin(name = "place") Place from, @Mixin(name = "wish") KeyOptions wish) {
    try (Lathe lathe = bench.make(from)) {
      NewKey made = lathe.keys().create(wish.wish());
      bench.answer(from, made, () -> show(made));
    }
    return 0;
  }

  @Command(name = "revoke", description = "End a key at once.")
  int revoke(
      @Mixin Help asked,
      @Mixin(name = "place") Place from,
      @Parameters(paramLabel = "KEY", description = "The key's name or id.") String key) {
    try (Lathe lathe = bench.make(from)) {
      List<KeyInfo> ended = lathe.keys().revoke(key);
      bench.answer(
          from,
          ended,
          () -> ended.forEach(one -> bench.screen().line(one.name() + " " + one.id() + " ended")));
    }
    return 0;
  }

  @Command(name = "rotate", description = "Make a new key like an old one, which ends later.")
  int rotate(
      @Mixin Help asked,
      @Mixin(name = "place") Place from,
      @Parameters(paramLabel = "KEY", description = "The key's name or id.") String key,
      @Option(
              names = "--overlap",
              paramLabel = "TIME",
              defaultValue = "24h",
              description = "How long the old key stays valid (default: 24h).")
          String overlap) {
    try (Lathe lathe = bench.make(from)) {
      NewKey made = lathe.keys().rotate(key, overlap);
      bench.answer(from, made, () -> show(made));
    }
    return 0;
  }

  private int list(Place from) {
    try (Lathe lathe = bench.make(from)) {
      List<KeyInfo> keys = lathe.keys().list();
      bench.answer(from, keys, () -> show(keys));
    }
    return 0;
  }

  private void show(NewKey made) {
    Screen screen = bench.screen();
    screen.line(made.key());
    screen.note("This is the only time that the key is shown. It is sent as");
    screen.note("  Authorization: Bearer KEY");
    screen.note("and lathe reads it from LATHE_KEY or --key-file.");
  }

  private void show(List<KeyInfo> keys) {
    Screen screen = bench.screen();
    if (keys.isEmpty()) {
      screen.note("There are no keys. Make one: lathe keys create --name NAME --allow infer:*");
      return;
    }
    Table table = new Table("NAME", "ID", "ALLOW", "CREATED", "EXPIRES");
    for (KeyInfo key : keys) {
      table.row(
          screen.paint(Style.NAME, key.name()),
          key.id(),
          String.join(" ", key.allow()),
          Words.ago(key.created(), bench.clock().instant()),
          key.expires().map(Object::toString).orElse("never"));
    }
    table.lines().forEach(screen::line);
  }
}
