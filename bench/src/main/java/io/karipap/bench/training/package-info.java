/** What training costs. */
@NullMarked
package io.karipap.bench.training;

import org.jspecify.annotations.NullMarked;
