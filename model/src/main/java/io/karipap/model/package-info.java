@NullMarked
package io.karipap.model;

import org.jspecify.annotations.NullMarked;
