package io.karipap.examples;

import io.karipap.LanguageModel;
import java.nio.file.Path;

/** Continues a text: {@code RunModel [MODEL [PROMPT]]}. */
public final class RunModel {

  private RunModel() {}

  /** The program; without arguments it continues a tale with the bundled model. */
  public static void main(String[] args) {
    Path folder = Path.of(args.length > 0 ? args[0] : "models/karipap-tales");
    String prompt = args.length > 1 ? args[1] : "Once upon a time";
    System.out.print(prompt);
    try (LanguageModel model = LanguageModel.open(folder)) {
      model.generate(prompt, 100).forEach(System.out::print);
    }
    System.out.println();
  }
}
