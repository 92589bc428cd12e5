package dev.lathe.benchmarks;

import dev.lathe.ir.Model;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.server.Lathe;
import dev.lathe.server.LatheServer;
import dev.lathe.server.ServerConfig;
import dev.lathe.zoo.Activation;
import dev.lathe.zoo.Mlp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** JSON inference of an MLP beside a bare echo of the same body on the same server. */
final class InferJson {
  private static final int INPUTS = 784;

  private InferJson() {}
}
