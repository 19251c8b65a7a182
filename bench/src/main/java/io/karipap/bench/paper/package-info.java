/**
 * The table of the published comparison: one model in many forms at the same sizes, what each of
 * them stores, how it predicts, answers and runs.
 */
@NullMarked
package io.karipap.bench.paper;

import org.jspecify.annotations.NullMarked;
