// One argument of an operation: what a schema's slot holds, from Python to kernel to the saved state of a graph node.
#pragma once
#include <string>
#include <vector>

#include "core/random.h"
#include "core/tensor.h"

namespace ember {

struct Value;

enum class ValueKind : uint8_t {
  None,
  Tensor,
  Bool,
  Int,
  Float,
  Complex,
  Ints,
  Floats,
  Tensors,
  DType,
  Device,
  String,
  Generator
};

struct Boxed : Counted, Recycled<Boxed> {  // what does not fit into a Value
  Dims ints;
  std::vector<double> floats;
  std::vector<Tensor> tensors;
  std::string string;
};

struct Value {
  ValueKind kind = ValueKind::None;

  Value() = default;
  Value(std::nullptr_t) {}
  Value(const Tensor& tensor) : kind(tensor ? ValueKind::Tensor : ValueKind::None), object_(tensor.body()) {}
  Value(bool value) : kind(ValueKind::Bool) { number_.integer = value; }
  Value(int value) : Value(int64_t(value)) {}
  Value(int64_t value) : kind(ValueKind::Int) { number_.integer = value; }
  Value(double value) : kind(ValueKind::Float) { number_.real = value; }
  Value(Complex<double> value) : kind(ValueKind::Complex) {
    number_.real = value.re;
    imaginary_ = value.im;
  }
  Value(DType dtype) : kind(ValueKind::DType) { number_.integer = int64_t(dtype); }
  Value(Device device) : kind(ValueKind::Device) { number_.integer = int64_t(device.type) | int64_t(device.index) << 8; }
  Value(Dims ints) : kind(ValueKind::Ints) { box().ints = std::move(ints); }
  Value(std::vector<double> floats) : kind(ValueKind::Floats) { box().floats = std::move(floats); }
  Value(std::vector<Tensor> tensors) : kind(ValueKind::Tensors) { box().tensors = std::move(tensors); }
  Value(std::string string) : kind(ValueKind::String) { box().string = std::move(string); }
  Value(const char* string) : Value(std::string(string)) {}
  Value(Ref<Generator> generator) : kind(generator ? ValueKind::Generator : ValueKind::None), object_(generator.get()) {}

  bool is_none() const { return kind == ValueKind::None; }
  bool is_tensor() const { return kind == ValueKind::Tensor; }
  TensorBody* body() const { return static_cast<TensorBody*>(object_.get()); }
  Tensor tensor() const { return is_tensor() ? Tensor(body()) : Tensor(); }
  bool boolean() const { return number_.integer != 0; }
  int64_t integer() const { return kind == ValueKind::Float ? int64_t(number_.real) : number_.integer; }
  double real() const {
    return kind == ValueKind::Float || kind == ValueKind::Complex ? number_.real : double(number_.integer);
  }
  Complex<double> complex() const { return Complex<double>(real(), kind == ValueKind::Complex ? imaginary_ : 0.); }
  DType dtype() const { return DType(number_.integer); }
  Device device() const { return {DeviceType(number_.integer & 255), int8_t(number_.integer >> 8)}; }
  const Dims& ints() const { return boxed().ints; }
  const std::vector<double>& floats() const { return boxed().floats; }
  const std::vector<Tensor>& tensors() const { return boxed().tensors; }
  const std::string& string() const { return boxed().string; }
  Ref<Generator> generator() const { return Ref<Generator>(static_cast<Generator*>(object_.get())); }

 private:
  Boxed& box() {
    object_ = Ref<Counted>(new Boxed);
    return static_cast<Boxed&>(*object_);
  }
  const Boxed& boxed() const { return static_cast<const Boxed&>(*object_); }

  union {
    int64_t integer;
    double real;
  } number_ = {0};
  double imaginary_ = 0;
  Ref<Counted> object_;
};

}  // namespace ember
