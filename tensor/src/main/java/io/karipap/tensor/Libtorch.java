package io.karipap.tensor;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.global.torch;

/** Loads the native library once, in the one order that is safe. */
final class Libtorch {

  static {
    // Memory is released by scopes, at once and on the thread that used it: neither JavaCPP's
    // collector thread nor
    // its limit on the process size (which counts memory-mapped model files) has a part in that.
    System.setProperty("org.bytedeco.javacpp.nopointergc", "true");
    System.setProperty("org.bytedeco.javacpp.maxbytes", "0");
    System.setProperty("org.bytedeco.javacpp.maxphysicalbytes", "0");
    try {
      // With another libtorch installed on the machine, resolving these two from an empty cache
      // would find that one
      // and crash: unpack ours first.
      String folder = "/org/bytedeco/pytorch/" + Loader.getPlatform() + "/";
      for (String library : new String[] {"libc10.so", "libtorch_cpu.so"}) {
        if (Libtorch.class.getResource(folder + library) != null) {
          var _ = Loader.cacheResource(folder + library);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the native tensor library could not be unpacked into " + System.getProperty("user.home"),
          e);
    }
    Loader.load(openblas.class);
    Loader.load(torch.class);
  }

  private Libtorch() {}

  /** Does nothing but run the initialiser above. */
  static void load() {}
}
