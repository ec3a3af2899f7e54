#include "core/device.h"

#include <vector>

#include "core/error.h"

namespace ember {

namespace {

thread_local Device default_device_here;
thread_local std::vector<Device> entered_devices;

// PyTorch raises an AssertionError for the devices that a build can be compiled with.
ErrorKind absence_of(DeviceType type) {
  const bool compiled_in = type == DeviceType::Cuda || type == DeviceType::Xpu || type == DeviceType::Mtia;
  return compiled_in ? ErrorKind::Assertion : ErrorKind::NotImplemented;
}

}  // namespace

std::string to_string(Device device) {
  return device.index < 0 ? name_of(device.type) : text(name_of(device.type), ":", int(device.index));
}

Device device_here(Device device, const char* operation) {
  if (int(device.type) >= kDeviceTypes)
    fail(absence_of(device.type), operation, "(): device is '", to_string(device), "'; this build of Ember has no such devices",
         ", only cpu and meta. Choose with torch.cuda.is_available(), or use device 'cpu'.");
  return {device.type, -1};
}

Device default_device() { return entered_devices.empty() ? default_device_here : entered_devices.back(); }
void set_default_device(Device device) { default_device_here = device; }
void enter_device(Device device) { entered_devices.push_back(device); }
void leave_device() {
  if (!entered_devices.empty()) entered_devices.pop_back();
}

}  // namespace ember
