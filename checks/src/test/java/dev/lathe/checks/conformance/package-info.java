/** Clients and test suites that others wrote, unmodified, against a real server. */
@NullMarked
package dev.lathe.checks.conformance;

import org.jspecify.annotations.NullMarked;
