package io.karipap.tensor;

import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;

/** Where a tensor's elements live. */
public enum Device {
  CPU(DeviceType.CPU),
  CUDA(DeviceType.CUDA);

  private final DeviceType type;

  Device(DeviceType type) {
    this.type = type;
  }

  /** True if this process can place tensors here. */
  public boolean isAvailable() {
    Libtorch.load();
    return this == CPU || torch.cuda_is_available();
  }

  org.bytedeco.pytorch.Device handle() {
    return new org.bytedeco.pytorch.Device(type);
  }

  static Device of(org.bytedeco.pytorch.Device device) {
    return device.is_cuda() ? CUDA : CPU;
  }
}
