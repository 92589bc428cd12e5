package dev.lathe.registry;

import dev.lathe.ir.LatheException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.treewalk.TreeWalk;

/**
 * Reads one model's repository. Commits never change, so what was read from one is kept; refs are
 * asked anew each time, which costs a look at a file's time and number.
 */
final class ModelRepository implements AutoCloseable {
  private static final int MOST_FILES = 10_000;

  private final ModelName model;
  private final Path folder;
  private final Repository git;
  private final Cache<ObjectId, VersionInfo> versions = new Cache<>(4096);
  private final Cache<ObjectId, Deployment> deployments = new Cache<>(1024);

  private volatile Log lastLog = new Log(ObjectId.zeroId(), Map.of(), List.of());

  /** The log as it is with certain refs. */
  private record Log(ObjectId main, Map<VersionTag, ObjectId> tags, List<VersionInfo> versions) {}

  private ModelRepository(ModelName model, Path folder, Repository git) {
    this.model = model;
    this.folder = folder;
    this.git = git;
  }

  static ModelRepository open(ModelName model, Path folder) throws IOException {
    return new ModelRepository(model, folder, new FileRepository(folder.toFile()));
  }

  ModelName model() {
    return model;
  }

  Path folder() {
    return folder;
  }

  Repository git() {
    return git;
  }

  /** The commit of a branch; empty if there is no such branch. */
  Optional<ObjectId> branch(String ref) throws IOException {
    return Optional.ofNullable(git.exactRef(ref)).map(Ref::getObjectId);
  }

  /** All versions' tags and their commits. */
  Map<VersionTag, ObjectId> tags() throws IOException {
    Map<VersionTag, ObjectId> tags = new HashMap<>();
    for (Ref ref : git.getRefDatabase().getRefsByPrefix(BareRepository.TAGS + "v")) {
      VersionTag.parse(ref.getName().substring(BareRepository.TAGS.length()))
          .ifPresent(tag -> tags.put(tag, ref.getObjectId()));
    }
    return tags;
  }

  /** The version that is newest; empty in a repository without one. */
  Optional<VersionTag> latest() throws IOException {
    return tags().keySet().stream().max(Comparator.naturalOrder());
  }

  /** Versions on {@code main}, the newest first. */
  List<VersionInfo> log() throws IOException {
    Optional<ObjectId> main = branch(BareRepository.MAIN);
    if (main.isEmpty()) {
      return List.of();
    }
    Map<VersionTag, ObjectId> tags = tags();
    Log known = lastLog;
    if (!known.main().equals(main.get()) || !known.tags().equals(tags)) {
      known = new Log(main.get(), tags, walk(main.get(), tags));
      lastLog = known;
    }
    return known.versions();
  }

  private List<VersionInfo> walk(ObjectId main, Map<VersionTag, ObjectId> tags) throws IOException {
    Map<ObjectId, VersionTag> names = new HashMap<>();
    tags.forEach((tag, commit) -> names.merge(commit, tag, ModelRepository::smaller));
    List<VersionInfo> log = new ArrayList<>();
    try (RevWalk walk = new RevWalk(git)) {
      walk.markStart(walk.parseCommit(main));
      for (RevCommit commit : walk) {
        VersionTag tag = names.get(commit);
        String name = tag == null ? commit.abbreviate(12).name() : tag.toString();
        log.add(read(name, commit));
      }
    }
    return List.copyOf(log);
  }

  private static VersionTag smaller(VersionTag a, VersionTag b) {
    return a.compareTo(b) <= 0 ? a : b;
  }

  /** The version of a tag; empty if there is no such tag. */
  Optional<VersionInfo> version(VersionTag tag) throws IOException {
    Optional<ObjectId> id = branch(tag.ref());
    if (id.isEmpty()) {
      return Optional.empty();
    }
    Optional<VersionInfo> known = versions.get(id.get());
    if (known.isPresent() && known.get().version().equals(tag.toString())) {
      return known;
    }
    try (RevWalk walk = new RevWalk(git)) {
      return Optional.of(read(tag.toString(), walk.parseCommit(id.get())));
    }
  }

  private VersionInfo read(String name, RevCommit commit) throws IOException {
    Optional<VersionInfo> known = versions.get(commit);
    if (known.isPresent() && known.get().version().equals(name)) {
      return known.get();
    }
    try (ObjectReader reader = git.newObjectReader()) {
      PersonIdent author = commit.getAuthorIdent();
      VersionInfo version =
          new VersionInfo(
              model,
              name,
              commit.name(),
              author(author),
              Instant.ofEpochSecond(commit.getCommitTime()),
              commit.getFullMessage().stripTrailing(),
              metadata(reader, name, commit),
              files(reader, commit));
      versions.put(commit.copy(), version);
      return version;
    }
  }

  /** Whoever Git says, whatever that is. */
  private static Author author(PersonIdent identity) {
    return new Author(clean(identity.getName()), clean(identity.getEmailAddress()));
  }

  private static String clean(String text) {
    String clean = text.replaceAll("[<>\\p{Cntrl}]", "").strip();
    String cut = clean.length() > Author.LONGEST ? clean.substring(0, Author.LONGEST) : clean;
    return cut.isBlank() ? "unknown" : cut;
  }

  private Metadata metadata(ObjectReader reader, String name, RevCommit commit) throws IOException {
    Optional<byte[]> yaml = file(reader, commit, LatheYaml.METADATA);
    return yaml.isEmpty()
        ? Metadata.NONE
        : LatheYaml.readMetadata(yaml.get(), model + "@" + name + ", file " + LatheYaml.METADATA);
  }

  private List<VersionFile> files(ObjectReader reader, RevCommit commit) throws IOException {
    List<VersionFile> files = new ArrayList<>();
    try (TreeWalk walk = new TreeWalk(reader)) {
      walk.addTree(commit.getTree());
      walk.setRecursive(true);
      while (walk.next()) {
        if (files.size() >= MOST_FILES) {
          throw corrupt(commit, "more than " + MOST_FILES + " files");
        }
        files.add(fileAt(reader, walk, commit));
      }
    }
    return files;
  }

  /** Only what can become a plain file of a harmless name is part of a version. */
  private VersionFile fileAt(ObjectReader reader, TreeWalk walk, RevCommit commit)
      throws IOException {
    String path = walk.getPathString();
    FileMode mode = walk.getFileMode();
    if (!mode.equals(FileMode.REGULAR_FILE) && !mode.equals(FileMode.EXECUTABLE_FILE)) {
      throw corrupt(commit, Names.quote(path) + " has mode " + mode + " (expected: a file)");
    }
    if (!path.equals(GitAttributes.PATH)) {
      Names.requirePath(path);
    }
    ObjectId id = walk.getObjectId(0);
    long size = reader.getObjectSize(id, ObjectReader.OBJ_ANY);
    Optional<LfsPointer> pointer =
        size < LfsPointer.LIMIT
            ? LfsPointer.parse(reader.open(id).getCachedBytes(LfsPointer.LIMIT), path)
            : Optional.empty();
    return pointer
        .map(p -> new VersionFile(path, p.size(), VersionFile.Storage.LFS, p.digest().hex()))
        .orElseGet(() -> new VersionFile(path, size, VersionFile.Storage.GIT, id.name()));
  }

  /** A plain file's bytes, of a version's file that is in Git. */
  byte[] bytes(VersionFile file) throws IOException {
    try (ObjectReader reader = git.newObjectReader()) {
      ObjectId id = ObjectId.fromString(file.digest());
      return bytes(reader, id, StagedRelease.MOST_IN_GIT, file.path());
    }
  }

  /** A file of a version as Git holds it. */
  Optional<byte[]> file(VersionInfo version, String path) throws IOException {
    try (ObjectReader reader = git.newObjectReader();
        RevWalk walk = new RevWalk(reader)) {
      return file(reader, walk.parseCommit(ObjectId.fromString(version.commit())), path);
    }
  }

  private Optional<byte[]> file(ObjectReader reader, RevCommit commit, String path)
      throws IOException {
    try (TreeWalk walk = TreeWalk.forPath(reader, path, commit.getTree())) {
      return walk == null
          ? Optional.empty()
          : Optional.of(bytes(reader, walk.getObjectId(0), LatheYaml.LIMIT, path));
    }
  }

  private byte[] bytes(ObjectReader reader, ObjectId id, int limit, String path)
      throws IOException {
    ObjectLoader loader = reader.open(id);
    if (loader.getSize() > limit) {
      throw new LatheException(
          RegistryError.CORRUPT,
          model
              + ", file "
              + path
              + ": "
              + loader.getSize()
              + " bytes in Git (expected: at most "
              + limit
              + ")");
    }
    return loader.getCachedBytes(limit);
  }

  /** The names of all environments, sorted. */
  List<String> environments() throws IOException {
    return git.getRefDatabase().getRefsByPrefix(BareRepository.ENVIRONMENTS).stream()
        .map(ref -> ref.getName().substring(BareRepository.ENVIRONMENTS.length()))
        .sorted()
        .toList();
  }

  /** What an environment says now; empty if there is none of that name. */
  Optional<Deployment> deployment(String environment) throws IOException {
    Optional<ObjectId> head = branch(BareRepository.ENVIRONMENTS + environment);
    if (head.isEmpty()) {
      return Optional.empty();
    }
    Optional<Deployment> known = deployments.get(head.get());
    if (known.isPresent() && known.get().environment().equals(environment)) {
      return known;
    }
    try (RevWalk walk = new RevWalk(git)) {
      return Optional.of(deploymentAt(environment, walk.parseCommit(head.get())));
    }
  }

  private Deployment deploymentAt(String environment, RevCommit commit) throws IOException {
    Optional<Deployment> known = deployments.get(commit);
    if (known.isPresent() && known.get().environment().equals(environment)) {
      return known.get();
    }
    try (ObjectReader reader = git.newObjectReader()) {
      byte[] yaml =
          file(reader, commit, DeploymentYaml.PATH)
              .orElseThrow(() -> corrupt(commit, "no file " + DeploymentYaml.PATH));
      String where = model + ", env/" + environment + ", file " + DeploymentYaml.PATH;
      PersonIdent author = commit.getAuthorIdent();
      Deployment deployment =
          new Deployment(
              model,
              environment,
              DeploymentYaml.stored(yaml, where),
              commit.name(),
              author(author),
              Instant.ofEpochSecond(commit.getCommitTime()));
      deployments.put(commit.copy(), deployment);
      return deployment;
    }
  }

  /** An environment's changes, the newest first; none if there is no such environment. */
  List<DeploymentChange> history(String environment) throws IOException {
    Optional<ObjectId> head = branch(BareRepository.ENVIRONMENTS + environment);
    List<DeploymentChange> changes = new ArrayList<>();
    if (head.isEmpty()) {
      return changes;
    }
    try (RevWalk walk = new RevWalk(git)) {
      RevCommit commit = walk.parseCommit(head.get());
      Deployment now = deploymentAt(environment, commit);
      while (commit != null) {
        RevCommit parent = commit.getParentCount() == 0 ? null : parse(walk, commit);
        Deployment before = parent == null ? null : deploymentAt(environment, parent);
        changes.add(change(before == null ? "" : before.live(), now, commit));
        commit = parent;
        now = before == null ? now : before;
      }
    }
    return changes;
  }

  private static RevCommit parse(RevWalk walk, RevCommit child)
      throws MissingObjectException, IOException {
    return walk.parseCommit(child.getParent(0));
  }

  private static DeploymentChange change(String from, Deployment to, RevCommit commit) {
    return new DeploymentChange(
        from,
        to.live(),
        to.commit(),
        to.author(),
        to.time(),
        commit.getFullMessage().stripTrailing());
  }

  private LatheException corrupt(RevCommit commit, String what) {
    return new LatheException(
        RegistryError.CORRUPT, model + ", commit " + commit.name() + ": " + what);
  }

  /** Whether the folder is still there. */
  boolean isPresent() {
    return Files.exists(folder.resolve("HEAD"));
  }

  @Override
  public void close() {
    git.close();
  }
}
