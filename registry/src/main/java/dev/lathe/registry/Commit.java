package dev.lathe.registry;

import dev.lathe.ir.LatheException;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.eclipse.jgit.dircache.DirCache;
import org.eclipse.jgit.dircache.DirCacheBuilder;
import org.eclipse.jgit.dircache.DirCacheEntry;
import org.eclipse.jgit.lib.BatchRefUpdate;
import org.eclipse.jgit.lib.CommitBuilder;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.NullProgressMonitor;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.transport.ReceiveCommand;

/**
 * A commit in the making.
 *
 * @param files all its files, by path
 * @param parent the commit before it; empty for the first of a branch
 * @param message its message
 * @param author who makes it
 * @param time when it is made
 */
record Commit(
    SortedMap<String, byte[]> files,
    List<ObjectId> parent,
    String message,
    Author author,
    Instant time) {

  /** Writes the commit and all it consists of; no ref names it yet. */
  ObjectId insert(Repository git) throws IOException {
    try (ObjectInserter inserter = git.newObjectInserter()) {
      CommitBuilder commit = new CommitBuilder();
      commit.setTreeId(insertTree(inserter));
      commit.setParentIds(parent);
      commit.setMessage(message.strip() + "\n");
      commit.setAuthor(identity());
      commit.setCommitter(identity());
      ObjectId id = inserter.insert(commit);
      inserter.flush();
      return id;
    }
  }

  private ObjectId insertTree(ObjectInserter inserter) throws IOException {
    DirCache index = DirCache.newInCore();
    DirCacheBuilder entries = index.builder();
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      DirCacheEntry entry = new DirCacheEntry(file.getKey());
      entry.setFileMode(FileMode.REGULAR_FILE);
      entry.setObjectId(inserter.insert(Constants.OBJ_BLOB, file.getValue()));
      entries.add(entry);
    }
    entries.finish();
    return index.writeTree(inserter);
  }

  private PersonIdent identity() {
    return new PersonIdent(
        author.name(), author.email(), time.truncatedTo(ChronoUnit.SECONDS), ZoneOffset.UTC);
  }

  /**
   * A ref that is to move.
   *
   * @param ref its whole name
   * @param from where it must be now; empty if it must not exist
   * @param to where it will be
   */
  record RefChange(String ref, Optional<ObjectId> from, ObjectId to) {
    private ReceiveCommand command() {
      return new ReceiveCommand(from.orElse(ObjectId.zeroId()), to, ref);
    }
  }

  /** Moves refs, all in one step or none. */
  static void move(Repository git, List<RefChange> changes) throws IOException {
    BatchRefUpdate batch = git.getRefDatabase().newBatchUpdate();
    batch.setAtomic(true);
    batch.disableRefLog();
    changes.forEach(change -> batch.addCommand(change.command()));
    try (RevWalk walk = new RevWalk(git)) {
      batch.execute(walk, NullProgressMonitor.INSTANCE);
    }
    for (ReceiveCommand command : batch.getCommands()) {
      requireMoved(git, command);
    }
  }

  private static void requireMoved(Repository git, ReceiveCommand command) throws IOException {
    String message = Optional.ofNullable(command.getMessage()).orElse("");
    switch (command.getResult()) {
      case OK -> {}
      case LOCK_FAILURE ->
          throw new LatheException(
              RegistryError.LOCKED,
              command.getRefName()
                  + ": locked "
                  + message
                  + " (expected: no other Git program at work in "
                  + git.getDirectory()
                  + ")");
      case NOT_ATTEMPTED,
          REJECTED_CURRENT_BRANCH,
          REJECTED_MISSING_OBJECT,
          REJECTED_NOCREATE,
          REJECTED_NODELETE,
          REJECTED_NONFASTFORWARD,
          REJECTED_OTHER_REASON ->
          throw new IOException(command.getRefName() + ": " + command.getResult() + " " + message);
    }
  }
}
