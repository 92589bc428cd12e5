package dev.lathe.server.remote;

import dev.lathe.server.KeyInfo;
import dev.lathe.server.KeyWish;
import dev.lathe.server.Keys;
import dev.lathe.server.NewKey;
import dev.lathe.server.remote.ApiClient.Body;
import java.util.List;
import java.util.Map;

/**
 * The keys of a server at another address.
 *
 * @param client how it is spoken to
 */
public record RemoteKeys(ApiClient client) implements Keys {
  @Override
  public NewKey create(KeyWish wish) {
    return client.post("/keys", Body.json(wish), NewKey.class);
  }

  @Override
  public List<KeyInfo> list() {
    return List.of(client.get("/keys", KeyInfo[].class));
  }

  @Override
  public List<KeyInfo> revoke(String nameOrId) {
    return List.of(client.post(path(nameOrId) + "/revoke", Body.NONE, KeyInfo[].class));
  }

  @Override
  public NewKey rotate(String nameOrId, String overlap) {
    return client.post(
        path(nameOrId) + "/rotate", Body.json(Map.of("overlap", overlap)), NewKey.class);
  }

  private static String path(String nameOrId) {
    return "/keys/" + ApiClient.segment(nameOrId);
  }
}
