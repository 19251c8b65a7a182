/** The forms of factorizations and the formats of numbers, described without tensors. */
@NullMarked
package io.karipap.checkpoint.form;

import org.jspecify.annotations.NullMarked;
