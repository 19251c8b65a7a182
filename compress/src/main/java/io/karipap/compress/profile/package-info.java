/** The entanglement profile of a model. */
@NullMarked
package io.karipap.compress.profile;

import org.jspecify.annotations.NullMarked;
