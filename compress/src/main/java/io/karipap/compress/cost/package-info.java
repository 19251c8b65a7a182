/** What a model costs in the unit of a budget. */
@NullMarked
package io.karipap.compress.cost;

import org.jspecify.annotations.NullMarked;
