package dev.lathe.server;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A key as it is shown: everything but its secret.
 *
 * @param id its first part, unique
 * @param name what it is called; the keys of a rotation share their name
 * @param allow its scopes
 * @param created when it was made
 * @param expires when it ends, if it does
 * @param quota what it may use, if that is limited
 */
public record KeyInfo(
    String id,
    String name,
    List<String> allow,
    Instant created,
    Optional<Instant> expires,
    Optional<Quota> quota) {}
