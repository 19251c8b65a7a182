/**
 * The library's front door: {@link io.karipap.Karipap} compresses models, {@link
 * io.karipap.LanguageModel} runs them. No tensor shows in it.
 */
@NullMarked
package io.karipap;

import org.jspecify.annotations.NullMarked;
