package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ImportingTest {
  private static final Importing.Wish WISH = new Importing.Wish("", "");
  private static final ModelName MODEL = ModelName.parse("demo/llama");

  @TempDir private Path data;

  /** A body of which nothing comes until it breaks off. */
  private static final class Stalled extends InputStream {
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch broken = new CountDownLatch(1);

    @Override
    public int read() throws IOException {
      asked.countDown();
      try {
        broken.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      throw new IOException("broke off");
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      return read();
    }
  }

  @Test
  void uploadThatStalls_keepsNoOtherImportWaiting() throws Exception {
    try (Registry registry = Registry.open(data.resolve("registry"))) {
      Importing importing = new Importing(registry, data, Map.of());
      Stalled body = new Stalled();
      CompletableFuture<Void> stalled =
          CompletableFuture.runAsync(() -> importing.from(MODEL, body, WISH));
      body.asked.await();
      String nowhere = data.resolve("nowhere").toString();
      assertThatThrownBy(() -> importing.from(MODEL, nowhere, WISH))
          .isInstanceOf(LatheException.class)
          .hasMessageContaining("no such");
      body.broken.countDown();
      assertThatThrownBy(stalled::join).hasRootCauseMessage("broke off");
    }
  }
}
