package io.karipap.model.task;

/** The prompts that the Language Model Evaluation Harness makes of multiple-choice questions. */
final class Prompt {

  private static final String PASSAGE = "Passage: ";
  private static final String QUESTION = "Question: ";
  private static final String ANSWER = "\nAnswer:";

  private Prompt() {}

  /** The prompt of a question as a task's file has it; one of an unknown form stays as it is. */
  static String of(String query) {
    if (query.startsWith(PASSAGE) && query.contains("\n" + QUESTION)) {
      return query.substring(PASSAGE.length()) + ANSWER; // BoolQ
    }
    if (query.startsWith(QUESTION)) { // ARC; PIQA with a line feed
      return (query.endsWith("\n") ? query.substring(0, query.length() - 1) : query) + ANSWER;
    }
    // COPA: the conjunction takes the place of the full stop, without a comma
    return query.replaceFirst(", (because|therefore)$", " $1");
  }
}
