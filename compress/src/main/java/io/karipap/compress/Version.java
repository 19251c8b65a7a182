package io.karipap.compress;

/** The release of this software. */
public final class Version {

  /** Its number. */
  public static final String NUMBER = "0.1.0";

  private Version() {}
}
