/** Generation of text. */
@NullMarked
package io.karipap.model.generate;

import org.jspecify.annotations.NullMarked;
