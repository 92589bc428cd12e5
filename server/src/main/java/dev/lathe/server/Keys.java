package dev.lathe.server;

import java.util.List;

/** The keys that callers of a server have. */
public interface Keys {
  /**
   * Makes a key.
   *
   * @param wish what it should be
   * @return the key with its secret
   * @throws dev.lathe.ir.LatheException BAD_REQUEST for a scope, name or time that is none,
   *     KEY_EXISTS if the name is taken
   */
  NewKey create(KeyWish wish);

  /**
   * All keys that have not ended.
   *
   * @return the keys, by name
   */
  List<KeyInfo> list();

  /**
   * Ends keys at once.
   *
   * @param nameOrId a key's id, or a name that all of its keys have
   * @return what was ended
   * @throws dev.lathe.ir.LatheException UNKNOWN_KEY if there is none such
   */
  List<KeyInfo> revoke(String nameOrId);

  /**
   * Makes a new key of the same name and scopes, and lets the old one end after a time.
   *
   * @param nameOrId the key
   * @param overlap how long the old one stays valid, such as {@code 24h}
   * @return the new key with its secret
   * @throws dev.lathe.ir.LatheException UNKNOWN_KEY if there is none such
   */
  NewKey rotate(String nameOrId, String overlap);
}
