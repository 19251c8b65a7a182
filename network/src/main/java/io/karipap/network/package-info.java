@NullMarked
package io.karipap.network;

import org.jspecify.annotations.NullMarked;
