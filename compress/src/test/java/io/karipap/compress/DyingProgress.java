package io.karipap.compress;

/** Fails at a call of a stage, as a killed process does. */
public final class DyingProgress implements Progress {
  private final String victim;
  private int left;
  private boolean due;

  public DyingProgress(String victim, int calls) {
    this.victim = victim;
    this.left = calls;
  }

  @Override
  public void stage(String name, long total) {
    due = name.equals(victim);
  }

  @Override
  public void at(long done, String note) {
    if (due && --left == 0) {
      throw new IllegalStateException("killed");
    }
  }
}
