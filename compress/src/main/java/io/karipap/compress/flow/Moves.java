package io.karipap.compress.flow;

import io.karipap.compress.AllocationTrace;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * Steps down the paths of all matrices by their price.
 *
 * @param paths in the order of the model
 * @param moves one step each; those of a path are in its order
 * @param original parameters of the whole model with all matrices dense
 */
public record Moves(List<TruncationPath> paths, List<Move> moves, long original) {

  /** A step of one path to a point of it. */
  record Move(TruncationPath path, int step, double price) {

    PathPoint to() {
      return path.points().get(step);
    }

    PathPoint from() {
      return path.points().get(step - 1);
    }

    long saved() {
      return from().parameters() - to().parameters();
    }
  }

  /** All steps so far by price; a step is never cheaper than those of its path before it. */
  static Moves of(List<TruncationPath> paths, long original) {
    List<Move> moves = new ArrayList<>();
    for (TruncationPath path : paths) {
      List<PathPoint> points = path.points();
      double price = 0;
      for (int step = 1; step < points.size(); step++) {
        price = Math.max(price, points.get(step).slopeFrom(points.get(step - 1)));
        moves.add(new Move(path, step, price));
      }
    }
    moves.sort(Comparator.comparingDouble(Move::price)); // stable: the order of the model decides
    return new Moves(paths, moves, original);
  }

  /** The first ones alone. */
  Moves first(int count) {
    return new Moves(paths, moves.subList(0, count), original);
  }

  int count() {
    return moves.size();
  }

  /** Moves until the model is within a budget of parameters; all, if they do not bring it there. */
  public Moves within(long budget) {
    long size = original;
    int count = 0;
    while (size > budget && count < moves.size()) {
      size -= moves.get(count).saved();
      count++;
    }
    return first(count);
  }

  /** The model after the moves. */
  public PathSelection selection() {
    SequencedMap<TruncationPath, PathPoint> points = new LinkedHashMap<>();
    paths.forEach(path -> points.put(path, path.points().getFirst()));
    moves.forEach(move -> points.put(move.path(), move.to()));
    return new PathSelection(points, original);
  }

  /** What the moves did, one after the other. */
  public List<AllocationTrace.Step> steps() {
    List<AllocationTrace.Step> steps = new ArrayList<>();
    long size = original;
    double loss = 0;
    for (Move move : moves) {
      PathPoint to = move.to();
      size -= move.saved();
      loss += to.loss() - move.from().loss();
      steps.add(
          new AllocationTrace.Step(
              move.path().matrix().name(),
              to.action(),
              to.parameters(),
              Math.sqrt(to.squaredError()),
              size,
              loss));
    }
    return steps;
  }
}
