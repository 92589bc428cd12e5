package dev.lathe.train.data;

import dev.lathe.ir.LatheException;
import dev.lathe.train.AugmentRecipe;
import dev.lathe.train.DataDigest;
import dev.lathe.train.DataRecipe.Records;
import dev.lathe.train.Dataset;
import dev.lathe.train.Recipe;
import dev.lathe.train.Task;
import dev.lathe.train.TrainError;
import dev.lathe.train.data.source.CsvSource;
import dev.lathe.train.data.source.JsonLinesSource;
import dev.lathe.train.data.source.Loading;
import dev.lathe.train.data.source.ParquetSource;
import dev.lathe.train.data.source.RecordSource;
import dev.lathe.train.data.source.Role;
import dev.lathe.train.data.source.Split;
import dev.lathe.train.data.source.Table;
import dev.lathe.train.data.source.TableSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Follows a recipe from a file of records to examples: held in memory where the file is no larger
 * than the recipe's window, else read from the file in every epoch.
 */
final class PreparingRecords {
  private final Recipe recipe;
  private final Records data;
  private final RecordSource train;

  private PreparingRecords(Recipe recipe, Records data) {
    this.recipe = recipe;
    this.data = data;
    this.train = open(data.train());
  }

  static PreparedData of(Recipe recipe, Records data, Preparing preparing) {
    PreparingRecords records = new PreparingRecords(recipe, data);
    return records.train.bytes() <= data.windowBytes()
        ? records.held(preparing)
        : records.streamed(preparing);
  }

  private RecordSource open(Path file) {
    return switch (data.format()) {
      case CSV -> CsvSource.open(file, CsvSource.Header.NONE);
      case CSV_WITH_HEADER -> CsvSource.open(file, CsvSource.Header.NAMES);
      case JSONL -> JsonLinesSource.open(file, wanted());
      case PARQUET -> ParquetSource.open(file);
    };
  }

  private List<String> features() {
    return recipe.wiring().inputs().isEmpty()
        ? data.columns().features()
        : recipe.wiring().columns();
  }

  /** The fields that are used, if all of them are named; empty if all fields are. */
  private Set<String> wanted() {
    Set<String> wanted = new HashSet<>(features());
    wanted.addAll(data.columns().label());
    boolean named = wanted.stream().noneMatch(name -> name.matches("first|last|\\d{1,9}"));
    return features().isEmpty() || !named ? Set.of() : wanted;
  }

  private TableSpec spec(List<Long> shape) {
    return new TableSpec(
        data.columns().label(),
        features(),
        recipe.task(),
        data.preparation().normalization(),
        shape,
        new Split(
            recipe.seed(), data.preparation().validation(), data.preparation().testFraction()),
        data.columns().separator(),
        data.columns().missing(),
        data.windowBytes());
  }

  private static boolean isNamed(Path file) {
    return !file.toString().isEmpty();
  }

  private PreparedData held(Preparing preparing) {
    TableSpec spec = spec(List.of());
    Dataset all = Loading.all(train, spec);
    return preparing
        .filling(data.columns().missing())
        .all(all, held(data.validationFile(), spec, all), held(data.test(), spec, all));
  }

  /** The records of a file of its own; none if it is not named. */
  private List<Dataset> held(Path file, TableSpec spec, Dataset train) {
    return isNamed(file) ? List.of(Loading.test(open(file), spec, train.labels())) : List.of();
  }

  private PreparedData streamed(Preparing preparing) {
    if (!data.preparation().augment().equals(AugmentRecipe.NONE)) {
      throw new LatheException(
          TrainError.BAD_RECIPE,
          "data.augment: records that are read in every epoch are not changed at random (expected:"
              + " a data.window that all fit into)");
    }
    TableSpec plain = spec(List.of());
    long[] dims = preparing.dims(new long[] {Table.width(train, plain)}, data.train().toString());
    Table table = Table.of(train, spec(Arrays.stream(dims).boxed().toList()));
    List<DataDigest> digests = new ArrayList<>(List.of(digest("train", data.train(), table)));
    Part validation = table.part(Role.VALIDATION);
    if (isNamed(data.validationFile())) {
      Table watched = table.test(open(data.validationFile()));
      digests.add(digest("validation", data.validationFile(), watched));
      validation = watched.part(Role.TEST);
    }
    Part test = table.part(Role.TEST);
    if (isNamed(data.test())) {
      Table tested = table.test(open(data.test()));
      digests.add(digest("test", data.test(), tested));
      test = tested.part(Role.TEST);
    }
    List<String> labels = table.labels();
    int outputs = recipe.task() == Task.CLASSIFICATION ? labels.size() : table.targets();
    return new PreparedData(
        table.part(Role.TRAIN),
        new HeldPart(validation, data.windowBytes()),
        test,
        table.normalizer(),
        new Outputs(outputs, labels, Map.of()),
        digests);
  }

  private static DataDigest digest(String role, Path file, Table table) {
    return new DataDigest(
        role, String.valueOf(file.getFileName()), table.sha256(), table.records());
  }
}
