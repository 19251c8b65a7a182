package io.karipap.model.task;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Questions that a model is examined on.
 *
 * @param name what it is called
 * @param examples at least one
 */
public record Task(String name, List<Example> examples) {

  /** Copies the list. */
  public Task {
    examples = List.copyOf(examples);
    if (examples.isEmpty()) {
      throw new IllegalArgumentException("the task " + name + " has no examples");
    }
  }

  /**
   * The task with a limited number of examples, evenly spread over all of them.
   *
   * @throws IllegalArgumentException if that is less than one
   */
  public Task limited(int count) {
    int size = examples.size();
    if (count >= size) {
      return this;
    }
    return new Task(
        name,
        IntStream.range(0, count)
            .mapToObj(i -> examples.get((int) ((long) i * size / count)))
            .toList());
  }
}
