package dev.lathe.train.metric;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Entities: stretches of tokens whose tags belong together. Tags are {@code B-PER}, {@code I-PER}
 * and so on in any of the schemes IOB1, IOB2, IOBES and BILOU, {@code O} outside, or plain names,
 * of which equal neighbours are one entity. An entity is right if both its ends and its name are.
 *
 * @see <a href="https://aclanthology.org/W00-0726">Tjong Kim Sang and Buchholz 2000</a>
 */
final class EntityTally implements Tally {
  private static final Tag OUTSIDE = new Tag('O', "");

  private final List<Tag> tags;

  /** Right entities, found entities, entities that there are. */
  private final double[] sums = new double[3];

  /** A tag: its place in an entity (B, I or E, S for alone, O outside), and the entity's name. */
  private record Tag(char place, String name) {
    static Tag of(String label) {
      if (label.equals("O")) {
        return OUTSIDE;
      }
      boolean placed = label.length() > 2 && label.charAt(1) == '-';
      return switch (placed ? label.charAt(0) : ' ') {
        case 'B', 'I', 'E', 'S' -> new Tag(label.charAt(0), label.substring(2));
        case 'L' -> new Tag('E', label.substring(2));
        case 'U' -> new Tag('S', label.substring(2));
        default -> new Tag('I', label);
      };
    }

    boolean begins(Tag before) {
      return place != 'O'
          && (place == 'B'
              || place == 'S'
              || before.place == 'O'
              || before.place == 'E'
              || before.place == 'S'
              || !before.name.equals(name));
    }
  }

  private record Entity(int from, int to, String name) {}

  EntityTally(Question question) {
    this.tags = question.labels().stream().map(Tag::of).toList();
  }

  @Override
  public void add(Answers answers) {
    int places = answers.placesEach();
    for (int n = 0; n < answers.count(); n++) {
      Set<Entity> wanted = entities(answers, answers.classes(), n * places);
      Set<Entity> found = entities(answers, answers.chosen(), n * places);
      sums[1] += found.size();
      sums[2] += wanted.size();
      found.retainAll(wanted);
      sums[0] += found.size();
    }
  }

  /** The entities of one example; places that do not count are outside. */
  private Set<Entity> entities(Answers answers, int[] classes, int from) {
    Set<Entity> entities = new HashSet<>();
    Tag before = OUTSIDE;
    int begin = from;
    int end = from + answers.placesEach();
    for (int i = from; i <= end; i++) {
      boolean counts = i < end && answers.classes()[i] != Answers.NONE;
      Tag tag = counts ? tags.get(classes[i]) : OUTSIDE;
      boolean begins = tag.begins(before);
      if (before.place() != 'O' && (begins || tag.place() == 'O')) {
        entities.add(new Entity(begin, i, before.name()));
      }
      if (begins) {
        begin = i;
      }
      before = tag;
    }
    return entities;
  }

  @Override
  public void put(Map<String, Double> metrics) {
    if (sums[1] + sums[2] > 0) {
      metrics.put("entity_precision", sums[1] == 0 ? 0 : sums[0] / sums[1]);
      metrics.put("entity_recall", sums[2] == 0 ? 0 : sums[0] / sums[2]);
      metrics.put("entity_f1", 2 * sums[0] / (sums[1] + sums[2]));
    }
  }

  @Override
  public double[] sums() {
    return sums;
  }
}
