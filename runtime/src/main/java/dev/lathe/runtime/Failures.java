package dev.lathe.runtime;

import ai.onnxruntime.OrtException;
import dev.lathe.ir.LatheException;
import java.util.regex.Pattern;

/**
 * Turns what the engine says into an error of ours: a code by what was being done, and a message
 * without the engine's source files, addresses and the server's paths.
 */
final class Failures {
  private static final Pattern SOURCE =
      Pattern.compile("\\S*/\\S+\\.(?:cc|h|hpp|cpp)(?::\\d+)?\\S*");
  private static final Pattern ADDRESS = Pattern.compile("0x[0-9a-fA-F]{4,}");
  private static final Pattern SIGNATURE =
      Pattern.compile("[\\w:]+(?:<[^>]*>)?::\\w+\\([^)]*\\)( const)?");
  private static final Pattern PREFIX = Pattern.compile("^Error code - \\w+ - message: ");
  private static final Pattern STATUS = Pattern.compile(" Status Message: ");
  private static final Pattern MISSING_FILE = Pattern.compile("/(?:[^/\\s:]+/)+([^/\\s:]+)");
  private static final int LONGEST = 400;

  private Failures() {}

  /** A model that the engine does not load. */
  static LatheException opening(OrtException e) {
    String said = MISSING_FILE.matcher(clean(e)).replaceAll("$1");
    RuntimeError code =
        switch (e.getCode()) {
          case ORT_NOT_IMPLEMENTED -> RuntimeError.UNSUPPORTED;
          case ORT_ENGINE_ERROR, ORT_EP_FAIL, ORT_JAVA_UNKNOWN, ORT_DEVICE_RESET ->
              RuntimeError.ENGINE_FAILED;
          default -> opened(said);
        };
    return new LatheException(code, "the engine refuses the model: " + said, e);
  }

  private static RuntimeError opened(String said) {
    if (said.contains("is not a registered function/op")
        || said.contains("Could not find an implementation")
        || said.contains("Opset") && said.contains("official support")) {
      return RuntimeError.UNSUPPORTED;
    }
    return exhausted(said) ? RuntimeError.TOO_LARGE : RuntimeError.BAD_MODEL;
  }

  /**
   * A run that failed. Names, types and declared shapes were checked before, so what a kernel
   * refuses is a value (an index out of range) or a size that only the computation shows.
   */
  static LatheException running(OrtException e) {
    String said = clean(e);
    RuntimeError code =
        switch (e.getCode()) {
          case ORT_INVALID_ARGUMENT, ORT_RUNTIME_EXCEPTION, ORT_FAIL ->
              exhausted(said) ? RuntimeError.TOO_LARGE : RuntimeError.RUN_REFUSED;
          case ORT_NOT_IMPLEMENTED -> RuntimeError.UNSUPPORTED;
          default -> RuntimeError.ENGINE_FAILED;
        };
    return new LatheException(code, "the model cannot compute this: " + said, e);
  }

  private static boolean exhausted(String said) {
    return said.contains("Failed to allocate memory") || said.contains("bad_alloc");
  }

  private static String clean(OrtException e) {
    String said = String.valueOf(e.getMessage());
    said = PREFIX.matcher(said).replaceFirst("");
    said = STATUS.matcher(said).replaceFirst(" ");
    said = SOURCE.matcher(said).replaceAll("");
    said = SIGNATURE.matcher(said).replaceAll("");
    said = ADDRESS.matcher(said).replaceAll("?");
    said = said.replaceAll("\\s+", " ").strip();
    return said.length() <= LONGEST ? said : said.substring(0, LONGEST) + "…";
  }
}
