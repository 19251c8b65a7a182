/** Options that several commands share, as picocli mixins: each is declared and checked once. */
@NullMarked
package io.karipap.cli.option;

import org.jspecify.annotations.NullMarked;
