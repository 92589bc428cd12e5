package dev.lathe.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The project's own pages, which lie beside this class as the build has put them there. */
final class Documentation {
  private static final String FOLDER = "documentation";
  private static final String PAGE = FOLDER + "/README.md";

  private Documentation() {}

  /** All pages in Markdown, in the order of their names; empty if this was built without them. */
  static List<String> pages() {
    URL page = Documentation.class.getResource(PAGE);
    if (page == null) {
      return List.of();
    }
    try {
      URI uri = page.toURI();
      if (uri.getScheme().equals("jar")) {
        try (FileSystem jar = FileSystems.newFileSystem(uri, Map.of())) {
          String inside = uri.toString().substring(uri.toString().indexOf('!') + 1);
          return read(jar.getPath(inside).getParent());
        }
      }
      return read(Path.of(uri).getParent());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> read(Path folder) throws IOException {
    List<String> pages = new ArrayList<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".md")).sorted().toList()) {
        pages.add(Files.readString(file));
      }
    }
    return pages;
  }
}
