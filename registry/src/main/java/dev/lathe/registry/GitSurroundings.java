package dev.lathe.registry;

import java.util.concurrent.TimeUnit;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.storage.file.FileBasedConfig;
import org.eclipse.jgit.util.FS;
import org.eclipse.jgit.util.SystemReader;

/**
 * What JGit sees of the machine: no configuration files of users or of the system, no host name, no
 * measurements left in anybody's home. Only a repository's own {@code config} and the settings here
 * count, so that a registry behaves the same wherever it runs.
 */
final class GitSurroundings extends SystemReader.Delegate {
  /**
   * Within this time after a change, a file's time stamp proves nothing and the file is read again.
   * Longer than a tick of any file system with sub-second times.
   */
  private static final long RACY_MILLIS = 100;

  private GitSurroundings(SystemReader delegate) {
    super(delegate);
  }

  /** Makes them the process's own; JGit knows only one for all. */
  static synchronized void install() {
    if (!(SystemReader.getInstance() instanceof GitSurroundings)) {
      SystemReader.setInstance(new GitSurroundings(SystemReader.getInstance()));
    }
  }

  @Override
  public String getHostname() {
    return "localhost";
  }

  @Override
  public FileBasedConfig openUserConfig(Config parent, FS fs) {
    FileBasedConfig config = new Settings(parent, fs);
    config.setBoolean("core", null, "fsyncObjectFiles", true);
    config.setBoolean("core", null, "fsyncRefFiles", true);
    return config;
  }

  @Override
  public FileBasedConfig openSystemConfig(Config parent, FS fs) {
    return new Settings(parent, fs);
  }

  @Override
  public FileBasedConfig openJGitConfig(Config parent, FS fs) {
    return new Settings(parent, fs);
  }

  /** Settings without a file. */
  private static final class Settings extends FileBasedConfig {
    Settings(Config parent, FS fs) {
      super(parent, null, fs);
    }

    @Override
    public void load() {
      // There is no file.
    }

    @Override
    public void save() {
      // There is no file.
    }

    @Override
    public boolean isOutdated() {
      return false;
    }

    @Override
    public long getTimeUnit(
        String section, String subsection, String name, long defaultValue, TimeUnit unit) {
      // Answering for every file system keeps JGit from probing each with files of its own.
      return section.equals("filesystem")
          ? unit.convert(RACY_MILLIS, TimeUnit.MILLISECONDS)
          : super.getTimeUnit(section, subsection, name, defaultValue, unit);
    }
  }
}
