package dev.lathe.server.api;

/**
 * The body of a deployment.
 *
 * @param version the version to make live
 * @param environment where
 */
record DeployRequest(String version, String environment) {}
