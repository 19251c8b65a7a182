package io.karipap.compress.report;

/**
 * An original and a compressed model, measured on the same text and the same machine.
 *
 * @param text name of the text
 * @param tokens predicted
 * @param heldOut whether neither fits nor healing had seen this part of the text
 * @param kl mean divergence KL(original || compressed) of the next token, nats per token
 * @param agreement share of tokens where both models find the same token likeliest
 * @param original of the original
 * @param compressed of the compressed model
 * @param prompt beginning of a text that both models continued, each time by the likeliest token
 * @param threads processors that the speeds were measured with
 */
public record Measurements(
    String text,
    long tokens,
    boolean heldOut,
    double kl,
    double agreement,
    Scores original,
    Scores compressed,
    String prompt,
    int threads) {

  /**
   * One of the two models.
   *
   * @param loss mean negative log-likelihood, nats per token
   * @param top1 share of tokens that were the likeliest
   * @param tokensPerSecond generated one by one, for one sequence
   * @param continuation of the prompt
   */
  public record Scores(double loss, double top1, double tokensPerSecond, String continuation) {

    /** exp(loss). */
    public double perplexity() {
      return Math.exp(loss);
    }
  }
}
