package io.karipap.compress.pipeline;

/** A step of a compression. */
interface Stage {

  /**
   * Takes the model a step further.
   *
   * @param context inputs, and the statistics of the model
   */
  WorkingModel run(RunContext context, WorkingModel model);
}
