package io.karipap;

import io.karipap.checkpoint.config.GenerationConfig;
import io.karipap.checkpoint.tokenizer.StopSequences;
import io.karipap.checkpoint.tokenizer.StreamingDecoder;
import io.karipap.model.arch.Decoder;
import io.karipap.model.evaluate.Evaluation;
import io.karipap.model.family.Architectures;
import io.karipap.model.generate.Generator;
import io.karipap.model.generate.Sampling;
import io.karipap.model.generate.TokenStream;
import io.karipap.model.io.LoadedModel;
import io.karipap.model.text.Documents;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A language model that computes with libtorch. */
final class TensorLanguageModel implements LanguageModel {

  private final LoadedModel model;
  private final TensorOwner owner;
  private final Decoder decoder;
  private final Optional<GenerationConfig> own;
  private final List<TokenStream> open = new ArrayList<>();
  private boolean closed;

  private TensorLanguageModel(LoadedModel model, TensorOwner owner) {
    this.model = model;
    this.owner = owner;
    this.decoder = model.decoder(owner);
    this.own = GenerationConfig.read(model.folder());
  }

  static LanguageModel open(Path folder, Architectures architectures) {
    LoadedModel model = LoadedModel.open(folder, architectures);
    TensorOwner owner = new TensorOwner();
    try {
      return new TensorLanguageModel(model, owner);
    } catch (RuntimeException e) {
      owner.close();
      model.close();
      throw e;
    }
  }

  @Override
  public Generation generate(String prompt, int tokens, GenerationOptions options) {
    requireOpen();
    if (tokens < 1) {
      throw new IllegalArgumentException("`tokens` must be at least 1, not " + tokens);
    }
    int[] ids = Documents.withBos(model.tokenizer(), model.tokenizer().encode(prompt));
    if (ids.length == 0) {
      throw new IllegalArgumentException(
          "prompt is empty and the tokenizer has no token to begin with");
    }
    StreamingDecoder text = new StreamingDecoder(model.tokenizer());
    for (int id : ids) {
      var _ = text.add(id); // the first new token's text depends on what precedes it
    }
    TokenStream stream = new Generator(decoder, sampling(options)).stream(ids, tokens);
    open.add(stream);
    return new TokenGeneration(
        stream, text, new StopSequences(options.stop()), () -> release(stream));
  }

  private Sampling sampling(GenerationOptions options) {
    double temperature =
        options
            .temperature()
            .or(() -> own.flatMap(g -> g.temperature().stream().boxed().findAny()))
            .orElse(GenerationOptions.TEMPERATURE);
    double topP =
        options
            .topP()
            .or(() -> own.flatMap(g -> g.topP().stream().boxed().findAny()))
            .orElse(GenerationOptions.TOP_P);
    int topK =
        options.topK().or(() -> own.flatMap(g -> g.topK().stream().boxed().findAny())).orElse(0);
    return new Sampling(temperature, topK, topP, options.seed());
  }

  private void release(TokenStream stream) {
    open.remove(stream);
    stream.close();
  }

  @Override
  public double loss(String text) {
    requireOpen();
    try (var _ = new TensorScope()) {
      return Evaluation.of(
              decoder,
              Optional.empty(),
              model.tokenizer(),
              Documents.of(text),
              contextLength(),
              _ -> {})
          .loss();
    }
  }

  @Override
  public long parameters() {
    return model.weights().parameters();
  }

  @Override
  public int contextLength() {
    return model.config().contextLength();
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the model " + model.folder() + " is closed");
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      open.forEach(TokenStream::close);
      open.clear();
      owner.close();
      model.close();
    }
  }
}
