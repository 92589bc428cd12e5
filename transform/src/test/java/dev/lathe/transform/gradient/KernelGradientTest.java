package dev.lathe.transform.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Interpreter;
import dev.lathe.transform.gradient.KernelGradient.Ends;
import dev.lathe.transform.gradient.KernelGradient.Form;
import dev.lathe.transform.gradient.KernelGradient.Gathered;
import dev.lathe.transform.gradient.KernelGradient.Rows;
import dev.lathe.transform.gradient.KernelGradient.Spread;
import dev.lathe.transform.gradient.KernelGradient.Stacked;
import dev.lathe.transform.gradient.KernelGradient.Swapped;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class KernelGradientTest {
  /** One random convolution, with its input and a cotangent of its output. */
  private record Use(Window window, Tensor x, Tensor dy) {
    static Use of(Random r) {
      int space = 1 + r.nextInt(3);
      long[] kernel = r.longs(space, 1, 4).toArray();
      long[] strides = r.longs(space, 1, 3).toArray();
      long[] dilations = r.longs(space, 1, 3).toArray();
      long[] begins = r.longs(space, 0, 4).toArray();
      long[] ends = r.longs(space, 0, 4).toArray();
      long[] inputs = new long[space];
      long[] outputs = new long[space];
      for (int i = 0; i < space; i++) {
        long reach = (kernel[i] - 1) * dilations[i] + 1;
        inputs[i] = Math.max(1, reach - begins[i] - ends[i]) + r.nextInt(5);
        outputs[i] = (inputs[i] + begins[i] + ends[i] - reach) / strides[i] + 1;
      }
      Window window = new Window(inputs, outputs, kernel, strides, dilations, begins, ends, 1);
      return new Use(
          window, noise(r, 1 + r.nextInt(3), inputs), noise(r, 1 + r.nextInt(3), outputs));
    }

    private static Tensor noise(Random r, long channels, long[] space) {
      long[] dims = new long[space.length + 2];
      dims[0] = 2;
      dims[1] = channels;
      System.arraycopy(space, 0, dims, 2, space.length);
      return Tensor.ofDoubles(r.doubles(Tensor.sizeOf(dims), -1, 1).toArray(), dims);
    }

    private KernelGradient gradient(Algebra g) {
      return new KernelGradient(g, window, new Ends("x", "dy"), dy.dim(1));
    }

    private Draft draft() {
      GraphBuilder builder = new GraphBuilder("forms");
      builder.input("x", ElementType.FLOAT, Shape.of(x.dims()));
      builder.input("dy", ElementType.FLOAT, Shape.of(dy.dims()));
      builder.output("x", ElementType.FLOAT, Shape.of(x.dims()));
      return Draft.of(Model.of(builder.build()));
    }

    KernelGradient gradient() {
      return gradient(new Algebra(draft()));
    }

    List<Form> forms() {
      return gradient().forms();
    }

    /** A form of the input's cotangent, for some kernel, against ConvTranspose. */
    void compareInputs(int seed, BiFunction<Algebra, String, String> form) {
      Draft draft = draft();
      LongStream channels = LongStream.of(dy.dim(1), x.dim(1));
      long[] sizes = LongStream.concat(channels, Arrays.stream(window.kernel())).toArray();
      double[] values = new Random(seed).doubles(Tensor.sizeOf(sizes), -1, 1).toArray();
      Algebra g = new Algebra(draft);
      String kernel = draft.constant("w", Tensor.ofDoubles(values, sizes));
      List<String> two = List.of(window.transposed(g, "dy", kernel, 1), form.apply(g, kernel));
      Map<String, Tensor> made = Interpreter.run(draft.build(two), Map.of("x", x, "dy", dy));
      Tensor expected = made.get(two.getFirst());
      Tensor found = made.get(two.getLast());
      assertThat(found.dims()).as("seed " + seed).isEqualTo(expected.dims());
      for (int i = 0; i < found.size(); i++) {
        assertThat(found.doubleAt(i))
            .as("seed " + seed)
            .isCloseTo(expected.doubleAt(i), within(1e-9));
      }
    }

    Tensor kernel(Form form) {
      Draft draft = draft();
      String dw = gradient(new Algebra(draft)).write(form);
      Model model = draft.build(List.of(dw));
      return Interpreter.run(model, Map.of("x", x, "dy", dy)).get(dw);
    }
  }

  @Test
  void everyForm_givesWhatTheSwappedConvolutionGives() {
    Set<Class<?>> seen = new HashSet<>();
    for (int seed = 0; seed < 60; seed++) {
      Use use = Use.of(new Random(seed));
      Tensor expected = use.kernel(new Swapped());
      for (Form form : use.forms()) {
        seen.add(form.getClass());
        Tensor found = use.kernel(form);
        String label = "seed " + seed + " " + form + " " + Arrays.toString(use.window().kernel());
        assertThat(found.dims()).as(label).isEqualTo(expected.dims());
        for (int i = 0; i < expected.size(); i++) {
          assertThat(found.doubleAt(i)).as(label).isCloseTo(expected.doubleAt(i), within(1e-9));
        }
      }
    }
    assertThat(seen)
        .containsExactlyInAnyOrder(
            Swapped.class, Spread.class, Rows.class, Gathered.class, Stacked.class);
  }

  @Test
  void inputsCotangent_isTheSameInEveryForm() {
    int turned = 0;
    int byRows = 0;
    for (int seed = 0; seed < 200; seed++) {
      Use use = Use.of(new Random(seed));
      Window window = use.window();
      if (window.turns()) {
        turned++;
        use.compareInputs(seed, (g, kernel) -> window.turned(g, "dy", kernel));
      }
      if (use.forms().contains(new Rows())) {
        byRows++;
        use.compareInputs(seed, (g, kernel) -> use.gradient(g).inputByRows(kernel));
      }
    }
    assertThat(turned).isGreaterThan(15);
    assertThat(byRows).isGreaterThan(15);
  }

  @Test
  void choice_dependsOnSizes() {
    assertThat(cheapest(64, 64, 8)).isEqualTo(Stacked.class);
    assertThat(cheapest(16, 16, 112)).isEqualTo(Rows.class);
    assertThat(cheapest(256, 16, 112)).isEqualTo(Gathered.class);
    assertThat(cheapest(1, 32, 28)).isEqualTo(Spread.class);
  }

  @Test
  void tablesOfBlocks_areBounded() {
    assertThat(same(64, 64, 56).forms()).hasAtLeastOneElementOfType(Stacked.class);
    assertThat(same(512, 512, 224).forms()).doesNotHaveAnyElementsOfTypes(Stacked.class);
  }

  /** The form chosen for a 3×3 kernel from some channels to others. */
  private static Class<?> cheapest(int channels, int maps, int side) {
    KernelGradient gradient = same(channels, maps, side).gradient();
    return gradient.forms().stream()
        .min(Comparator.comparingDouble(gradient::cost))
        .orElseThrow()
        .getClass();
  }

  private static Use same(int channels, int maps, int side) {
    Window window =
        new Window(
            new long[] {side, side},
            new long[] {side, side},
            new long[] {3, 3},
            new long[] {1, 1},
            new long[] {1, 1},
            new long[] {1, 1},
            new long[] {1, 1},
            1);
    Tensor x = Tensor.zeros(ElementType.DOUBLE, 1, channels, side, side);
    Tensor dy = Tensor.zeros(ElementType.DOUBLE, 1, maps, side, side);
    return new Use(window, x, dy);
  }
}
