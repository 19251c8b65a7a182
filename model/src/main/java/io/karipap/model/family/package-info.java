/** The model families that are known, and the layers that their blocks are made of. */
@NullMarked
package io.karipap.model.family;

import org.jspecify.annotations.NullMarked;
