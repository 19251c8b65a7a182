/** The subcommands. */
@NullMarked
package io.karipap.cli.command;

import org.jspecify.annotations.NullMarked;
