package io.karipap.cli.console;

import java.io.PrintStream;

/**
 * Where output goes.
 *
 * @param out results
 * @param err progress, notes and errors
 * @param terminal whether somebody watches {@code err}: progress bars are drawn only then
 */
public record Streams(PrintStream out, PrintStream err, boolean terminal) {}
