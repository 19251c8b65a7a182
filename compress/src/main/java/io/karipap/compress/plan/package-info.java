/** Allocation of a budget to the matrices of a model. */
@NullMarked
package io.karipap.compress.plan;

import org.jspecify.annotations.NullMarked;
