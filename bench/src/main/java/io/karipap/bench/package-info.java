@NullMarked
package io.karipap.bench;

import org.jspecify.annotations.NullMarked;
