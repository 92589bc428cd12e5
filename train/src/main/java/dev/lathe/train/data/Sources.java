package dev.lathe.train.data;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.train.DataRecipe;
import dev.lathe.train.DataRecipe.Idx;
import dev.lathe.train.DataRecipe.IdxPair;
import dev.lathe.train.Dataset;
import dev.lathe.train.Task;
import dev.lathe.train.TrainError;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;

/**
 * What a recipe's data section names, as raw examples.
 *
 * @param train examples to learn from, and to split where the recipe says so
 * @param test at most one set of examples for the test
 */
record Sources(Dataset train, List<Dataset> test) {
  static Sources of(DataRecipe recipe, Task task) {
    return switch (recipe) {
      case Idx idx -> idx(idx, task);
      case DataRecipe.DrawnDigits digits -> drawn(digits);
      case DataRecipe.Records _,
          DataRecipe.Images _,
          DataRecipe.Text _,
          DataRecipe.Parallel _,
          DataRecipe.LabelledTexts _,
          DataRecipe.Conversations _,
          DataRecipe.Tagged _,
          DataRecipe.Questions _ ->
          throw new IllegalStateException("files of other formats are read elsewhere");
      case DataRecipe.InMemory _ ->
          throw new LatheException(
              TrainError.BAD_RECIPE,
              "data.format: in_memory without examples (expected: csv, idx or drawn_digits, or"
                  + " examples handed over by a program)");
    };
  }

  private static Sources drawn(DataRecipe.DrawnDigits digits) {
    Dataset train = DrawnDigits.draw(DrawnDigits.Part.TRAIN, digits.train(), digits.seed());
    return new Sources(
        train,
        digits.test() == 0
            ? List.of()
            : List.of(DrawnDigits.draw(DrawnDigits.Part.TEST, digits.test(), digits.seed())));
  }

  private static Sources idx(Idx idx, Task task) {
    Dataset train = dataset(idx.train(), task);
    return new Sources(
        train, idx.test().equals(IdxPair.NONE) ? List.of() : List.of(dataset(idx.test(), task)));
  }

  private static Dataset dataset(IdxPair pair, Task task) {
    IdxFile images = IdxFile.read(pair.images());
    IdxFile targets = IdxFile.read(pair.labels());
    if (images.dims()[0] != targets.dims()[0]) {
      throw IdxFile.bad(
          pair.labels(),
          targets.dims()[0]
              + " labels (expected: "
              + images.dims()[0]
              + " as there are examples in "
              + pair.images()
              + ")");
    }
    Tensor x = Tensor.ofFloats(images.values(), images.dims());
    if (x.rank() == 1) {
      x = x.reshaped(x.dim(0), 1);
    }
    String digest =
        new Digest().add(Digest.ofFile(pair.images())).add(Digest.ofFile(pair.labels())).hex();
    String source = name(pair.images()) + ", " + name(pair.labels());
    if (task == Task.REGRESSION) {
      return new Dataset(x, targets.numbers(), List.of(), source, digest);
    }
    Tensor y = targets.classes(pair.labels());
    return new Dataset(x, y, classNames(y), source, digest);
  }

  /** The names "0", "1", … of class indices. */
  static List<String> classNames(Tensor y) {
    long largest = LongStream.of(y.toLongs()).max().orElse(-1);
    return LongStream.rangeClosed(0, largest).mapToObj(Long::toString).toList();
  }

  private static String name(Path file) {
    Path name = file.getFileName();
    return name == null ? file.toString() : name.toString();
  }
}
