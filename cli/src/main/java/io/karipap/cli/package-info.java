/** The {@code karipap} command: one class a subcommand, tables for people, JSON for programs. */
@NullMarked
package io.karipap.cli;

import org.jspecify.annotations.NullMarked;
