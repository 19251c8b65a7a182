/** Healing: distillation from the original. */
@NullMarked
package io.karipap.compress.heal;

import org.jspecify.annotations.NullMarked;
