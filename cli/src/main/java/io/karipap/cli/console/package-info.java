/** What the command prints, and how it ends. */
@NullMarked
package io.karipap.cli.console;

import org.jspecify.annotations.NullMarked;
