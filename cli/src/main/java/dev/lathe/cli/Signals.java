package dev.lathe.cli;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What Ctrl-C and the wish to terminate do while a server runs: the first one asks for an end in
 * good order, the next one ends the process at once.
 *
 * <p>The JDK's signals are outside its exported language, so they are reached by name; where they
 * cannot be, signals do what they usually do.
 */
final class Signals implements AutoCloseable {
  private static final int BASE = 128;
  private static final Map<String, Integer> NUMBERS = Map.of("INT", 2, "TERM", 15);

  private final Runnable onFirst;
  private final AtomicInteger seen = new AtomicInteger();
  private final List<Runnable> restoring = new ArrayList<>();

  private Signals(Runnable onFirst) {
    this.onFirst = onFirst;
  }

  /** Runs something at the first signal, on a thread of its own; it returns at once. */
  static Signals onFirst(Runnable end) {
    Signals signals = new Signals(end);
    NUMBERS.forEach(signals::install);
    return signals;
  }

  private void install(String name, int number) {
    try {
      Class<?> signalType = Class.forName("sun.misc.Signal");
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      Object signal = signalType.getConstructor(String.class).newInstance(name);
      var handle = signalType.getMethod("handle", signalType, handlerType);
      Object ours =
          Proxy.newProxyInstance(
              handlerType.getClassLoader(),
              new Class<?>[] {handlerType},
              (proxy, method, arguments) ->
                  switch (method.getName()) {
                    case "handle" -> {
                      caught(number);
                      yield null;
                    }
                    case "equals" -> proxy == arguments[0];
                    case "hashCode" -> System.identityHashCode(proxy);
                    default -> name;
                  });
      Object before = handle.invoke(null, signal, ours);
      restoring.add(() -> restore(() -> handle.invoke(null, signal, before)));
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      // This machine reserves the signal, or has none of that name: it ends the process as usual.
      return;
    }
  }

  private void caught(int number) {
    if (seen.incrementAndGet() == 1) {
      onFirst.run();
    } else {
      Runtime.getRuntime().halt(BASE + number);
    }
  }

  private interface Restoring {
    Object restore() throws ReflectiveOperationException;
  }

  private static void restore(Restoring restoring) {
    try {
      restoring.restore();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Signals do again what they did before. */
  @Override
  public void close() {
    restoring.forEach(Runnable::run);
    restoring.clear();
  }
}
