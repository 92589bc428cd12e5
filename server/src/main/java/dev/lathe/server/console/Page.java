package dev.lathe.server.console;

import java.util.List;

/**
 * A whole page.
 *
 * @param title what the browser's tab shows
 * @param body the content
 * @param scripts the modules that it loads, by file name
 */
record Page(String title, Html body, List<String> scripts) {
  Html html() {
    List<Html> modules =
        scripts.stream()
            .map(file -> Html.of("<script type=\"module\" src=\"/console/{}\"></script>\n", file))
            .toList();
    return Html.of(
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{} · Lathe</title>
        <link rel="icon" href="/console/icon.svg" type="image/svg+xml">
        <link rel="stylesheet" href="/console/console.css">
        {}</head>
        <body>
        <header>
        <a class="brand" href="/"><img src="/console/icon.svg" alt="" width="24" height="24">Lathe</a>
        <nav aria-label="Main">
        <a href="/" id="nav-models">Models</a>
        <a href="/jobs" id="nav-jobs">Jobs</a>
        <a href="/api/v1/openapi.json" id="nav-api">API</a>
        </nav>
        </header>
        <main id="main">
        {}
        </main>
        </body>
        </html>
        """,
        title,
        modules,
        body);
  }
}
