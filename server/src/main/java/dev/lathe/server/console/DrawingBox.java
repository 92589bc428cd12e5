package dev.lathe.server.console;

import dev.lathe.server.VersionDetails;
import dev.lathe.server.VersionDetails.Port;
import java.util.List;

/** A box to draw in, for versions that name what is on a small grey image. */
final class DrawingBox {
  private static final long LARGEST_SIDE = 128;

  private DrawingBox() {}

  static Html of(VersionDetails version) {
    if (version.inputs().size() != 1 || version.labels().isEmpty()) {
      return Html.NONE;
    }
    Port input = version.inputs().getFirst();
    List<Long> shape = input.shape();
    boolean image = shape.size() == 4 && shape.get(1) == 1 && isSide(shape.get(2), shape.get(3));
    if (!image || !input.datatype().equals("FP32")) {
      return Html.NONE;
    }
    return Html.of(
        """
        <section id="draw" aria-label="Draw and ask" data-model="{}" data-version="{}" data-input="{}"
         data-height="{}" data-width="{}" data-labels="{}">
        <h2>Draw and ask</h2>
        <div class="drawing">
        <div>
        <canvas id="canvas" width="280" height="280" tabindex="0" aria-label="Drawing area"></canvas>
        <p class="buttons"><button type="button" id="clear">Clear</button>
        <label>White pixel <input id="white" type="number" value="255" min="1" max="65535"></label></p>
        </div>
        <div>
        <p id="answer" aria-live="polite">Draw a shape that the model knows.</p>
        <ol id="probabilities" aria-label="Probabilities"></ol>
        </div>
        </div>
        </section>
        """,
        version.model(),
        version.version(),
        input.name(),
        shape.get(2),
        shape.get(3),
        String.join("\n", version.labels()));
  }

  private static boolean isSide(long height, long width) {
    return height > 0 && width > 0 && height <= LARGEST_SIDE && width <= LARGEST_SIDE;
  }
}
