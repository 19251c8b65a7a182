package io.karipap.checkpoint;

/**
 * The text that a compression was calibrated on.
 *
 * @param digest SHA-256 of the text, lower-case hexadecimal
 * @param tokens number of tokens used
 * @param windows number of windows
 * @param context tokens a window
 * @param source where the text came from, for people
 */
public record Calibration(String digest, long tokens, int windows, int context, String source) {}
