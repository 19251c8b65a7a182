package io.karipap.cli.train;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.karipap.cli.console.CommandFailedException;
import io.karipap.model.text.TextMixture;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.train.Trainer;
import io.karipap.model.train.TrainingCheckpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * The state of an interrupted training run, from which it is resumed: {@code .training} in the
 * output folder, deleted when the model is written.
 *
 * @param folder of the state
 * @param digest of everything that the run depends on
 */
public record TrainingState(Path folder, String digest) {

  private static final int CHUNK = 1 << 16;

  /** The state of a run of a plan on texts. */
  public static TrainingState of(Path output, TrainingPlan plan, List<TextMixture.Source> texts) {
    return new TrainingState(output.resolve(".training"), digest(plan, texts));
  }

  /** Whether there is a state to go on from. */
  public boolean exists() {
    return Files.exists(checkpoint());
  }

  /**
   * Puts the stored state into a trainer.
   *
   * @throws CommandFailedException if it is that of another run
   */
  public void restore(Trainer trainer) {
    try {
      if (!Files.exists(digestFile()) || !Files.readString(digestFile()).strip().equals(digest)) {
        throw new CommandFailedException(
            "%s is of another configuration or other texts: repeat its call, or delete it"
                .formatted(folder));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    TrainingCheckpoint.restore(trainer, checkpoint());
  }

  /** Stores the state of a trainer, in place of an older one. */
  void save(Trainer trainer) {
    try {
      Files.createDirectories(folder);
      Files.writeString(digestFile(), digest + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    TrainingCheckpoint.save(trainer, checkpoint());
  }

  private Path checkpoint() {
    return folder.resolve("checkpoint.safetensors");
  }

  private Path digestFile() {
    return folder.resolve("run.sha256");
  }

  private static String digest(TrainingPlan plan, List<TextMixture.Source> texts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(plan.architecture().config().raw().toString().getBytes(UTF_8));
      digest.update(plan.settings().toString().getBytes(UTF_8));
      for (TextMixture.Source text : texts) {
        digest.update(String.valueOf(text.weight()).getBytes(UTF_8));
        update(digest, text.tokens());
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static void update(MessageDigest digest, TokenSequence tokens) {
    for (int start = 0; start < tokens.size(); start += CHUNK) {
      long[] ids = tokens.slice(start, Math.min(CHUNK, tokens.size() - start));
      ByteBuffer bytes = ByteBuffer.allocate(ids.length * Long.BYTES);
      bytes.asLongBuffer().put(ids);
      digest.update(bytes);
    }
  }
}
