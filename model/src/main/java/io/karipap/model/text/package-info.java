/** Texts, token sequences and windows of them. */
@NullMarked
package io.karipap.model.text;

import org.jspecify.annotations.NullMarked;
