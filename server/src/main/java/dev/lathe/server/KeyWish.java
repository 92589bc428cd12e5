package dev.lathe.server;

import java.util.List;
import java.util.Optional;

/**
 * What a new key should be.
 *
 * @param name what it is called, for example {@code ci}
 * @param allow its scopes, such as {@code infer:demo/*}
 * @param expires when it ends, such as {@code 90d} from now; absent for never
 * @param quota what it may use; absent for no limit
 */
public record KeyWish(
    String name, List<String> allow, Optional<String> expires, Optional<Quota> quota) {}
