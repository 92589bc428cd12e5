package dev.lathe.train.data;

import dev.lathe.ir.ElementType;
import dev.lathe.prepare.ImageShape;
import dev.lathe.train.AugmentRecipe;
import dev.lathe.train.DataDigest;
import dev.lathe.train.DataRecipe.Images;
import dev.lathe.train.DataRecipe.Preparation;
import dev.lathe.train.Dataset;
import dev.lathe.train.Recipe;
import dev.lathe.train.Task;
import dev.lathe.train.data.image.AugmentedPart;
import dev.lathe.train.data.image.ImageFolder;
import dev.lathe.train.data.image.ImagePart;
import dev.lathe.train.data.image.ImageScan;
import dev.lathe.train.data.source.Role;
import dev.lathe.train.data.source.Statistics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Follows a recipe from folders of images to examples: held in memory where all decoded images are
 * no larger than the recipe's window, else decoded anew in every epoch.
 */
final class PreparingImages {
  private static final long SPLIT = 1;

  private final Recipe recipe;
  private final Images data;
  private final ImageShape shape;

  private PreparingImages(Recipe recipe, Images data) {
    this.recipe = recipe;
    this.data = data;
    List<Integer> dims = data.preparation().shape();
    this.shape = new ImageShape(dims.get(0), dims.get(1), dims.get(2));
  }

  static PreparedData of(Recipe recipe, Images data, Preparing preparing) {
    PreparingImages images = new PreparingImages(recipe, data);
    ImageFolder train = ImageFolder.list(data.train(), List.of());
    preparing.requireClasses(train.labels().size(), train.path().toString());
    List<ImageFolder> test =
        data.test().toString().isEmpty()
            ? List.of()
            : List.of(ImageFolder.list(data.test(), train.labels()));
    long count = train.images().size() + test.stream().mapToLong(t -> t.images().size()).sum();
    return count * images.shape.size() * Float.BYTES <= data.windowBytes()
        ? preparing.all(images.held(train), test.stream().map(images::held).toList())
        : images.streamed(train, test, preparing);
  }

  private Dataset held(ImageFolder folder) {
    return ImageScan.held(folder, shape, data.images());
  }

  private PreparedData streamed(ImageFolder train, List<ImageFolder> test, Preparing preparing) {
    Preparation preparation = data.preparation();
    Role[] roles = roles(train.images().size());
    Statistics statistics = new Statistics(preparation.normalization(), shape.size());
    ImageScan scan =
        ImageScan.of(
            train,
            shape,
            data.images(),
            (image, pixels) -> {
              if (roles[image.place()] == Role.TRAIN) {
                statistics.add(pixels);
              }
            });
    long[] found = {shape.channels(), shape.height(), shape.width()};
    long[] dims = preparing.dims(found, scan.source());
    Normalizer normalizer = statistics.normalizer(dims);
    List<Column> columns = columns(dims);
    List<DataDigest> digests = new ArrayList<>(List.of(digest("train", scan)));
    List<ImageFolder.Image> tested = of(Role.TEST, roles, scan);
    for (ImageFolder folder : test) {
      ImageScan other = ImageScan.of(folder, shape, data.images(), (_, _) -> {});
      digests.add(digest("test", other));
      tested = other.images();
    }
    int outputs = recipe.task() == Task.BINARY ? 1 : scan.labels().size();
    return new PreparedData(
        part(of(Role.TRAIN, roles, scan), columns, preparation.augment(), normalizer),
        part(of(Role.VALIDATION, roles, scan), columns, AugmentRecipe.NONE, normalizer),
        part(tested, columns, AugmentRecipe.NONE, normalizer),
        normalizer,
        new Outputs(outputs, scan.labels(), Map.of()),
        digests);
  }

  /** As examples in memory are shared out, by the place of each file in the folder. */
  private Role[] roles(int count) {
    int[] order = new Dice(recipe.seed(), SPLIT).permutation(count);
    int test = (int) (count * data.preparation().testFraction());
    int validation = (int) (count * data.preparation().validation());
    Role[] roles = new Role[count];
    for (int i = 0; i < count; i++) {
      roles[order[i]] = i < test ? Role.TEST : i < test + validation ? Role.VALIDATION : Role.TRAIN;
    }
    return roles;
  }

  private static List<ImageFolder.Image> of(Role role, Role[] roles, ImageScan scan) {
    return scan.images().stream().filter(image -> roles[image.place()] == role).toList();
  }

  private List<Column> columns(long[] dims) {
    Column target =
        recipe.task() == Task.BINARY
            ? new Column(Part.TARGET, ElementType.FLOAT, List.of(1L))
            : new Column(Part.TARGET, ElementType.INT64, List.of());
    List<Long> sizes = Arrays.stream(dims).boxed().toList();
    return List.of(new Column(Part.FEATURES, ElementType.FLOAT, sizes), target);
  }

  private Part part(
      List<ImageFolder.Image> images,
      List<Column> columns,
      AugmentRecipe augment,
      Normalizer normalizer) {
    ImagePart raw = new ImagePart(images, shape, data.images(), columns);
    return new AugmentedPart(raw, shape, augment, normalizer);
  }

  private static DataDigest digest(String role, ImageScan scan) {
    return new DataDigest(role, scan.source(), scan.sha256(), scan.images().size(), scan.corrupt());
  }
}
