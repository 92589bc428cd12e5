package dev.lathe.cli;

import dev.lathe.server.VersionDetails;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a person may try after the quickstart, each line to be pasted as it is.
 *
 * @param server the server's address
 * @param version what was released
 * @param request a file with a request
 */
record NextSteps(URI server, VersionDetails version, Path request) {
  List<String> lines(Place place, boolean stopped) {
    String lathe = System.getProperty("lathe.command", "lathe");
    String where = place.words();
    String model = version.model();
    List<String> lines = new ArrayList<>();
    if (stopped) {
      lines.add("Try next. Start the server again first:");
      lines.add("  " + lathe + " serve --port " + server.getPort() + where);
      lines.add("then, in another terminal:");
    } else {
      lines.add("Try next, in another terminal:");
    }
    lines.add("  curl -s " + server + "/v2/models/" + model + "/infer \\");
    lines.add("    -H 'Content-Type: application/json' -d @" + Place.quoted(request.toString()));
    lines.add("  git clone " + server + "/git/" + model + ".git");
    lines.add("  " + lathe + " log " + model + where);
    lines.add("  " + lathe + " show " + model + "@" + version.version() + where);
    lines.add(
        "  "
            + lathe
            + " predict "
            + model
            + " --input "
            + Place.quoted(request.toString())
            + where);
    lines.add("Console, with a box to draw in: " + server + "/");
    return lines;
  }
}
