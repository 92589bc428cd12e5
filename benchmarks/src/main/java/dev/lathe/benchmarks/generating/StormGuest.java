package dev.lathe.benchmarks.generating;

import dev.lathe.benchmarks.generating.StormAsk.Must;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * A client that comes, asks, and behaves in one of several manners; its answer is judged.
 *
 * @param server whom it asks
 * @param known texts by request, and by version
 * @param tally hears how it ended
 */
record StormGuest(URI server, Map<StormAsk, Map<String, String>> known, StormTally tally) {
  private static final long MILLI = 1_000_000L;
  private static final int SMALL_WINDOW = 2048;
  private static final int SLOW_PIECES = 100;

  /** How a client behaves; most stay. */
  enum Manner {
    STAYS,
    SENDS_A_HALF,
    LEAVES_AT_ONCE,
    LEAVES_MIDWAY,
    LEAVES_BEFORE_THE_END,
    RESETS,
    SLOW,
    HALF_CLOSES;

    static Manner draw(SplittableRandom random) {
      return random.nextInt(10) < 6 ? STAYS : values()[1 + random.nextInt(values().length - 1)];
    }

    boolean leaves() {
      return this != STAYS && this != SLOW && this != HALF_CLOSES;
    }
  }

  /** What is sent, and how. */
  private record Visit(StormAsk ask, String version, boolean stream, Manner manner) {
    @Override
    public String toString() {
      return ask.door() + (stream ? " stream " : " ") + version + " " + manner + " " + ask.body();
    }
  }

  /** Asks over one connection; who stays asks more than once. */
  void visit(String key, List<StormAsk> asks, SplittableRandom random) {
    Manner manner = Manner.draw(random);
    try (StormWire wire = new StormWire(server, manner == Manner.SLOW ? SMALL_WINDOW : 0)) {
      for (StormAsk ask : manner == Manner.STAYS ? asks : asks.subList(0, 1)) {
        tally.asked();
        String version = ask.hasVersions() ? List.of("", "v1", "v2").get(random.nextInt(3)) : "";
        boolean stream = ask.door().streams() && random.nextBoolean();
        if (!visit(wire, key, new Visit(ask, version, stream, manner), random)) {
          return;
        }
      }
    } catch (IOException e) {
      tally.wrong("no connection: " + e);
    }
  }

  /** Whether the connection may be used again. */
  private boolean visit(StormWire wire, String key, Visit visit, SplittableRandom random)
      throws IOException {
    byte[] body = visit.ask().bytes(visit.version(), visit.stream());
    byte[] request = wire.request(key, visit.ask().door().line(), "application/json", body);
    try {
      if (visit.manner() == Manner.SENDS_A_HALF) {
        wire.send(Arrays.copyOf(request, request.length / 2));
        LockSupport.parkNanos(random.nextLong(200 * MILLI));
      } else {
        wire.send(request);
      }
      if (visit.manner() == Manner.HALF_CLOSES) {
        wire.halfClose();
      }
      if (visit.manner() == Manner.SENDS_A_HALF || visit.manner() == Manner.LEAVES_AT_ONCE) {
        LockSupport.parkNanos(random.nextLong(100 * MILLI));
        tally.add(StormTally.End.LEFT);
        return false;
      }
      int status = wire.head();
      String answer = read(wire, visit, random);
      if (visit.manner().leaves()) {
        tally.add(StormTally.End.LEFT);
        return false;
      }
      judge(visit, new StormWire.Reply(status, wire.headers(), answer));
      return !wire.headers().getOrDefault("connection", "").equalsIgnoreCase("close");
    } catch (IOException e) {
      if (visit.manner() == Manner.HALF_CLOSES) {
        tally.add(StormTally.End.LEFT);
      } else {
        tally.wrong(visit + ": " + e);
      }
      return false;
    }
  }

  /** As much of the body as the client's manner lets it read. */
  private static String read(StormWire wire, Visit visit, SplittableRandom random)
      throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    int leaving = random.nextInt(12);
    int pieces = 0;
    for (byte[] piece = wire.next(); piece != null; piece = wire.next()) {
      all.write(piece);
      pieces++;
      boolean midway = visit.manner() == Manner.LEAVES_MIDWAY || visit.manner() == Manner.RESETS;
      boolean last =
          visit.manner() == Manner.LEAVES_BEFORE_THE_END
              && new String(piece, StandardCharsets.UTF_8).contains("finish_reason\":\"");
      if (midway && pieces > leaving || last) {
        break;
      }
      if (visit.manner() == Manner.SLOW && pieces < SLOW_PIECES) {
        LockSupport.parkNanos(40 * MILLI);
      }
    }
    if (visit.manner() == Manner.RESETS) {
      wire.reset();
    }
    return all.toString(StandardCharsets.UTF_8);
  }

  private void judge(Visit visit, StormWire.Reply reply) {
    Must must = visit.ask().must();
    if (reply.status() == 429 || reply.status() == 503) {
      boolean told = reply.headers().containsKey("retry-after");
      busy(told || visit.ask().door() == StormAsk.Door.NUMBERS, visit, reply);
    } else if (must instanceof Must.BeRefused(int status)) {
      judge(reply.status() == status, StormTally.End.DENIED, visit, reply.toString());
    } else if (must instanceof Must.BeInTime && reply.status() == 504) {
      tally.add(StormTally.End.LATE);
    } else if (reply.status() != 200) {
      givenUp(visit, reply.toString());
    } else {
      StormReply said =
          visit.stream()
              ? StormReply.streamed(visit.ask().door(), reply.body())
              : StormReply.whole(visit.ask().door(), reply.body());
      judge(visit, said, reply.body());
    }
  }

  private void busy(boolean told, Visit visit, StormWire.Reply reply) {
    judge(told, StormTally.End.BUSY, visit, reply.toString());
  }

  /** Who says that it sends no more may be taken for gone. */
  private void givenUp(Visit visit, String what) {
    judge(visit.manner() == Manner.HALF_CLOSES, StormTally.End.LEFT, visit, what);
  }

  private void judge(Visit visit, StormReply said, String body) {
    if (!said.isComplete() || !said.error().isEmpty()) {
      givenUp(visit, body);
      return;
    }
    switch (visit.ask().must()) {
      case Must.BeKnown() ->
          judge(
              isKnown(visit, said), StormTally.End.KNOWN, visit, "\n" + said.text() + "\n" + body);
      case Must.Fit(var fits) -> {
        boolean fitting = fits.test(said.text());
        StormTally.End end = fitting ? StormTally.End.FITTING : StormTally.End.CUT;
        judge(fitting || said.isCut(), end, visit, body);
      }
      case Must.BeInTime() -> tally.add(StormTally.End.FITTING);
      case Must.BeRefused(int status) -> tally.wrong(visit + ": not refused by " + status);
    }
  }

  private void judge(boolean right, StormTally.End end, Visit visit, String what) {
    if (right) {
      tally.add(end);
    } else {
      tally.wrong(visit + ": " + what);
    }
  }

  private boolean isKnown(Visit visit, StormReply said) {
    Map<String, String> texts = known.getOrDefault(visit.ask(), Map.of());
    String version = visit.version().isEmpty() ? said.version() : visit.version();
    return texts.containsKey(version)
        ? said.text().equals(texts.get(version))
        : texts.containsValue(said.text());
  }

  /** Asks alone, so that the answer becomes what must be said later. */
  Map<String, String> learn(String key, StormAsk ask) throws IOException {
    Map<String, String> texts = new java.util.HashMap<>();
    for (String version : ask.hasVersions() ? List.of("v1", "v2") : List.of("")) {
      StormWire.Reply reply =
          StormWire.ask(server, key, ask.door().line(), ask.bytes(version, false));
      if (reply.status() != 200) {
        throw new IOException(ask + ": " + reply);
      }
      texts.put(version, StormReply.whole(ask.door(), reply.body()).text());
    }
    return texts;
  }
}
