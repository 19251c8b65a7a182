/** The bond flow: truncation of all matrices of a model, the cheapest first. */
@NullMarked
package io.karipap.compress.flow;

import org.jspecify.annotations.NullMarked;
