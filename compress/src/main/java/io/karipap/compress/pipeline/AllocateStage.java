package io.karipap.compress.pipeline;

/** Decides what every matrix becomes, and how large it may be. */
final class AllocateStage implements Stage {

  @Override
  public WorkingModel run(RunContext context, WorkingModel model) {
    return model.with(Allocators.allocate(context, model));
  }
}
