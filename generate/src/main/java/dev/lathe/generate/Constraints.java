package dev.lathe.generate;

import dev.lathe.generate.constrain.TokenMasks;
import dev.lathe.ir.LatheException;
import dev.lathe.prepare.Specials;
import dev.lathe.prepare.Tokenizer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/**
 * Makes constraints ready for a tokenizer: compiled once for each content, as long as they are
 * among those used last. May be used by many threads.
 */
public final class Constraints {
  private static final int MOST_KEPT = 64;
  private static final long MOST_STATES = 500_000;

  private final TokenMasks masks;
  private final Map<Constraint, CompletableFuture<TokenConstraint>> kept =
      new LinkedHashMap<>(16, 0.75f, true);

  private Constraints(TokenMasks masks) {
    this.masks = masks;
  }

  /**
   * Constraints on the tokens of a tokenizer.
   *
   * @param tokenizer open as long as tokens are forced by these constraints
   * @return the constraints
   */
  public static Constraints of(Tokenizer tokenizer) {
    return new Constraints(
        new TokenMasks(
            tokenizer.vocabulary(),
            Optional.of(text -> tokenizer.encode(text, Specials.WITHOUT).ids())));
  }

  /**
   * Makes a constraint ready.
   *
   * @param constraint what may be said
   * @return the state before the first token
   * @throws LatheException BAD_CONSTRAINT saying where the constraint is wrong or not supported;
   *     CONSTRAINT_TOO_LARGE if it would take too much time or memory
   */
  public TokenConstraint start(Constraint constraint) {
    CompletableFuture<TokenConstraint> mine = new CompletableFuture<>();
    CompletableFuture<TokenConstraint> first;
    synchronized (kept) {
      first = kept.putIfAbsent(constraint, mine);
      if (kept.size() > MOST_KEPT) {
        kept.remove(kept.keySet().iterator().next());
      }
    }
    if (first == null) {
      compile(constraint, mine);
      first = mine;
    }
    return first.handle(Constraints::result).join().orThrow();
  }

  /**
   * Whether a text may be how an answer begins.
   *
   * @param constraint what may be said
   * @param text the text
   * @return true if an answer may begin with it, or be it
   * @throws LatheException as {@link #start}
   */
  public boolean mayBegin(Constraint constraint, String text) {
    return TokenMasks.mayBegin(start(constraint), text);
  }

  private void compile(Constraint constraint, CompletableFuture<TokenConstraint> into) {
    try {
      into.complete(masks.start(constraint));
      forgetOld();
    } catch (LatheException e) {
      into.completeExceptionally(e);
    } finally {
      into.completeExceptionally(
          new LatheException(GenerateError.FAILED, "constraint: the compiler failed"));
      if (into.state() != Future.State.SUCCESS) {
        forget(constraint, into);
      }
    }
  }

  /** A failure is told to those who wait for it, and not kept with its text. */
  private void forget(Constraint constraint, CompletableFuture<TokenConstraint> failed) {
    synchronized (kept) {
      kept.remove(constraint, failed);
    }
  }

  /** Keeps as many states as there may be, those of the constraints used last. */
  private void forgetOld() {
    synchronized (kept) {
      long states = kept.values().stream().mapToLong(Constraints::states).sum();
      var eldest = kept.values().iterator();
      while (states > MOST_STATES && eldest.hasNext()) {
        states -= states(eldest.next());
        eldest.remove();
      }
    }
  }

  private static long states(CompletableFuture<TokenConstraint> one) {
    return one.state() == Future.State.SUCCESS ? TokenMasks.states(one.resultNow()) : 0;
  }

  private record Result(Optional<TokenConstraint> state, Optional<LatheException> error) {
    TokenConstraint orThrow() {
      if (error.isPresent()) {
        throw new LatheException(
            error.get().code(), String.valueOf(error.get().getMessage()), error.get());
      }
      return state.orElseThrow();
    }
  }

  private static Result result(TokenConstraint state, Throwable error) {
    return error instanceof LatheException known
        ? new Result(Optional.empty(), Optional.of(known))
        : new Result(Optional.ofNullable(state), Optional.empty());
  }
}
