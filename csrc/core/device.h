// Where a tensor's memory lives. Any device that PyTorch knows can be named; tensors are only on those of this build.
#pragma once
#include <cstdint>
#include <string>

namespace ember {

enum class DeviceType : uint8_t {
  Cpu,
  Meta,
  Cuda,
  Xpu,
  Mtia,
  Mps,
  Ipu,
  MklDnn,
  OpenGl,
  OpenCl,
  Ideep,
  Hip,
  Ve,
  Fpga,
  Maia,
  Xla,
  Lazy,
  Vulkan,
  Hpu,
  PrivateUse
};
inline constexpr int kMaxDeviceIndex = 127;
inline constexpr int kDeviceTypes = 2;  // the first ones have tensors, and operations a function for each
inline constexpr const char* kDeviceNames[] = {"cpu",    "meta",   "cuda",   "xpu",    "mtia", "mps",          "ipu",
                                               "mkldnn", "opengl", "opencl", "ideep",  "hip",  "ve",           "fpga",
                                               "maia",   "xla",    "lazy",   "vulkan", "hpu",  "privateuseone"};

struct Device {
  DeviceType type = DeviceType::Cpu;
  int8_t index = -1;
  bool operator==(const Device& other) const { return type == other.type; }
};

inline const char* name_of(DeviceType type) { return kDeviceNames[int(type)]; }
std::string to_string(Device device);

// The device for a new tensor of an operation; an error where this build has no such device. The CPU and meta have no index.
Device device_here(Device device, const char* operation);

// Where creations put their tensors if nothing is said: the innermost `with torch.device(...)` of this thread, or its default.
Device default_device();
void set_default_device(Device device);
void enter_device(Device device);
void leave_device();

}  // namespace ember
