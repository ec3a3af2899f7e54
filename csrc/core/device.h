// Where a tensor's memory lives.
#pragma once
#include <cstdint>
#include <string>

namespace ember {

enum class DeviceType : uint8_t { Cpu, Meta };
inline constexpr int kDeviceTypes = 2;

struct Device {
  DeviceType type = DeviceType::Cpu;
  int8_t index = -1;
  bool operator==(const Device& other) const { return type == other.type; }
};

inline const char* name_of(DeviceType type) { return type == DeviceType::Cpu ? "cpu" : "meta"; }
inline std::string to_string(Device device) { return name_of(device.type); }

}  // namespace ember
