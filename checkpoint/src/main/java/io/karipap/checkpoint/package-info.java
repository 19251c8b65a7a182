@NullMarked
package io.karipap.checkpoint;

import org.jspecify.annotations.NullMarked;
