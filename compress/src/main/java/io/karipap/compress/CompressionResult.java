package io.karipap.compress;

import io.karipap.checkpoint.artifact.MatrixEntry;
import java.util.List;

/**
 * The result of a compression.
 *
 * @param parametersBefore numbers in the original
 * @param parametersAfter numbers in the artifact
 * @param bytesBefore of the original in float32
 * @param bytesAfter of the tensors as written
 * @param seconds wall-clock time
 * @param peakRssBytes largest resident size of the process, 0 if the system does not report it
 * @param matrices form and size of each matrix; its error is ||(W-V)X|| / ||WX|| on the calibration
 *     text, before healing
 * @param gauge symmetries that the basis was chosen from; none for the original's basis
 * @param trials of the gauges that were compared; none if the request names the gauge
 */
public record CompressionResult(
    long parametersBefore,
    long parametersAfter,
    long bytesBefore,
    long bytesAfter,
    double seconds,
    long peakRssBytes,
    List<MatrixEntry> matrices,
    List<String> gauge,
    List<GaugeTrial> trials) {

  /** Parameters after / before. */
  public double parameterRatio() {
    return (double) parametersAfter / parametersBefore;
  }

  /** Bytes after / float32 bytes before. */
  public double memoryRatio() {
    return (double) bytesAfter / bytesBefore;
  }

  /** Mean error of the matrices that were compressed; 0 if none was. */
  public double meanError() {
    return mean(1);
  }

  /** Mean squared error of the matrices that were compressed; 0 if none was. */
  public double meanSquaredError() {
    return mean(2);
  }

  private double mean(double power) {
    return matrices.stream()
        .filter(matrix -> !matrix.form().equals("dense"))
        .mapToDouble(matrix -> Math.pow(matrix.error(), power))
        .average()
        .orElse(0);
  }
}
