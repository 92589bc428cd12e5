package dev.lathe.server.batches;

import dev.lathe.ir.LatheException;
import dev.lathe.server.OpenAiConfig;
import dev.lathe.server.ServerError;
import dev.lathe.server.access.Caller;
import dev.lathe.server.access.Callers;
import dev.lathe.server.access.Quotas;
import dev.lathe.server.files.FileStore;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * What all batches share: who answers, where results go, and how many lines are answered at once.
 * An owner has as many lines in the queue for a turn as there are turns, so that none of them waits
 * behind all that another has.
 */
final class Work {
  /** How many files are read through at a time: each may have many names to remember. */
  private static final int VALIDATING = 2;

  private final FileStore files;
  private final Answers answers;
  private final Quotas quotas;
  private final OpenAiConfig.Batches limits;
  private final InstantSource clock;
  private final Semaphore turns;
  private final Semaphore validating = new Semaphore(VALIDATING, true);
  private final Callers callers;
  private final Map<String, Semaphore> owners = new ConcurrentHashMap<>();
  private final Map<String, Room> rooms = new ConcurrentHashMap<>();

  Work(Batches.Parts parts) {
    this.files = parts.files();
    this.answers = parts.answers();
    this.quotas = parts.quotas();
    this.limits = parts.limits();
    this.callers = parts.callers();
    this.clock = InstantSource.system();
    this.turns = new Semaphore(limits.concurrency(), true);
  }

  FileStore files() {
    return files;
  }

  Answers answers() {
    return answers;
  }

  Quotas quotas() {
    return quotas;
  }

  OpenAiConfig.Batches limits() {
    return limits;
  }

  InstantSource clock() {
    return clock;
  }

  /** Turns to answer a line, those who came first served first. */
  Semaphore turns() {
    return turns;
  }

  /** Turns to read a file through. */
  Semaphore validating() {
    return validating;
  }

  /**
   * Who an owner is now.
   *
   * @throws LatheException UNAUTHENTICATED if there is no such caller any more
   */
  Caller now(Batch.Owner owner) {
    return callers
        .now(owner.caller())
        .orElseThrow(
            () ->
                new LatheException(
                    ServerError.UNAUTHENTICATED,
                    owner.name() + " is no caller any more: what it came by was revoked or ended"));
  }

  /** What an owner's results may still take. */
  Room room(String owner) {
    return rooms.computeIfAbsent(owner, name -> new Room(files, name));
  }

  /** What an owner's lines pass before they wait with those of others. */
  Semaphore turnsOf(String owner) {
    return owners.computeIfAbsent(owner, name -> new Semaphore(limits.concurrency(), true));
  }
}
