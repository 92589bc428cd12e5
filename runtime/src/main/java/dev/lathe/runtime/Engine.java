package dev.lathe.runtime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.lathe.ir.LatheException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * The process's one ONNX Runtime environment. No other class obtains it, so that nothing of the
 * engine is loaded before telemetry is off.
 *
 * <p>The engine reads {@code ORT_DISABLE_TELEMETRY} from the process's environment when it is
 * initialized, which Java cannot change; {@code setenv} of the C library can. Where there is no
 * {@code setenv} (Windows) the engine's own switch is what there is, and it is used everywhere.
 */
final class Engine {
  private static final String DISABLED = "optimization.disable_specified_optimizers";
  private static final String BLOCKED_LAYOUT = "NchwcTransformer";

  private Engine() {}

  /** Loaded at the first use of {@link #environment}, once. */
  private static final class Holder {
    static final OrtEnvironment ENVIRONMENT = start();

    private Holder() {}
  }

  static OrtEnvironment environment() {
    return Holder.ENVIRONMENT;
  }

  private static OrtEnvironment start() {
    silenceTelemetry();
    // The engine's own log goes to standard error with paths of its build machine; what matters of
    // it comes back as an exception.
    OrtEnvironment environment =
        OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "lathe");
    try {
      environment.setTelemetry(false);
    } catch (OrtException e) {
      throw new LatheException(RuntimeError.ENGINE_FAILED, "telemetry cannot be switched off", e);
    }
    return environment;
  }

  @SuppressWarnings("restricted")
  private static void silenceTelemetry() {
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> setenv = linker.defaultLookup().find("setenv");
    if (setenv.isEmpty()) {
      return;
    }
    FunctionDescriptor signature =
        FunctionDescriptor.of(
            ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
    MethodHandle call = linker.downcallHandle(setenv.get(), signature);
    try (Arena arena = Arena.ofConfined()) {
      int failed =
          (int)
              call.invokeExact(
                  arena.allocateFrom("ORT_DISABLE_TELEMETRY"), arena.allocateFrom("1"), 1);
      if (failed != 0) {
        throw new LatheException(RuntimeError.ENGINE_FAILED, "setenv: " + failed);
      }
    } catch (LatheException e) {
      throw e;
    } catch (Throwable e) {
      throw new LatheException(RuntimeError.ENGINE_FAILED, "setenv cannot be called", e);
    }
  }

  /**
   * The engine's options for ours; the caller closes them after opening the session.
   *
   * <p>Memory RETURNED: without an arena every intermediate value is its own allocation, freed when
   * its last reader ran, so an idle session holds its weights and nothing else. An arena would keep
   * the largest batch ever seen, per session, for as long as the model is loaded. Memory KEPT: with
   * fixed shapes the memory pattern places all intermediates of a step in one block of the arena,
   * which the next step reuses; weights stay outside of it, since it grows by doubling. The engine
   * puts no channels into blocks there: it does so only around kernels that are constant, and in
   * training what is left of that is mostly conversion to blocks and back. A step graph that gains
   * by blocks names them itself.
   */
  static OrtSession.SessionOptions options(SessionOptions options) throws OrtException {
    boolean kept = options.memory() == SessionOptions.Memory.KEPT;
    OrtSession.SessionOptions engine = new OrtSession.SessionOptions();
    try {
      engine.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
      engine.setIntraOpNumThreads(options.threads());
      engine.setInterOpNumThreads(1);
      engine.addConfigEntry("session.intra_op.allow_spinning", kept ? "1" : "0");
      engine.addConfigEntry("session.force_spinning_stop", "1");
      engine.addConfigEntry("session.inter_op.allow_spinning", "0");
      engine.addConfigEntry("session.use_device_allocator_for_initializers", "1");
      engine.setCPUArenaAllocator(kept);
      engine.setMemoryPatternOptimization(kept);
      if (kept) {
        engine.addConfigEntry(DISABLED, BLOCKED_LAYOUT);
      }
      engine.setDeterministicCompute(true);
      engine.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      return engine;
    } catch (OrtException e) {
      engine.close();
      throw e;
    }
  }
}
