#include "ops/convolution.h"

#include "core/channels_last.h"

namespace ember {

namespace {

Dims spatial(const Dims& sizes) {
  Dims result;
  for (int d = 2; d < sizes.size(); ++d) result.push_back(sizes[d]);
  return result;
}

// What users called: conv2d.
std::string called(const Call& call, const char* prefix) { return prefix + std::to_string(call.sizes(0).size() - 2) + "d"; }

void check_settings(const std::string& name, const Dims& input, const Dims& weight, const Dims& stride, const Dims& padding,
                    const Dims& dilation, int64_t groups) {
  const int dims = input.size() - 2;
  if (dims < 1 || dims > 3 || weight.size() != input.size())
    fail(ErrorKind::Runtime, name, "(): input has shape ", to_string(input), " and weight ", to_string(weight),
         "; expected (N, C, *) and (out, in, *) with as many dims.");
  if (groups < 1) fail(ErrorKind::Runtime, name, "(): groups is ", groups, "; non-positive groups is not supported.");
  for (int d = 0; d < dims; ++d) {
    if (stride[d] < 1)
      fail(ErrorKind::Runtime, name, "(): stride is ", to_string(stride), "; non-positive stride is not supported.");
    if (padding[d] < 0)
      fail(ErrorKind::Runtime, name, "(): padding is ", to_string(padding), "; negative padding is not supported.");
    if (dilation[d] < 1)
      fail(ErrorKind::Runtime, name, "(): dilation is ", to_string(dilation), "; dilation should be greater than zero.");
  }
}

void check_same_dtype(const std::string& name, const Call& call) {
  const DType dtype = call.args[0].body()->dtype;
  if (dtype == DType::Bool)
    fail(ErrorKind::NotImplemented, name, "(): not implemented for '", name_of(dtype), "' tensors; expected numbers.");
  if (call.args[1].body()->dtype != dtype)
    fail(ErrorKind::Runtime, name, "(): input is ", name_of(dtype), " and weight ", name_of(call.args[1].body()->dtype),
         "; both must be of one type. Convert one with .to().");
  if (call.arg(2).is_tensor() && call.args[2].body()->dtype != dtype)
    fail(ErrorKind::Runtime, name, "(): input is ", name_of(dtype), " and bias ", name_of(call.args[2].body()->dtype),
         "; both must be of one type. Convert one with .to().");
}

void check_bias(const std::string& name, const Call& call, int64_t channels) {
  if (call.arg(2).is_tensor() && call.sizes(2) != Dims{channels})
    fail(ErrorKind::Runtime, name, "(): bias has shape ", to_string(call.sizes(2)), "; weight of shape ",
         to_string(call.sizes(1)), " expects ", to_string(Dims{channels}), ".");
}

// Images come as (N, H, W, C) from most other libraries.
const char* hint_of_order(const Dims& input, int64_t channels) {
  if (input.size() < 4 || input[input.size() - 1] != channels) return "";
  return input.size() == 4 ? " Its last dim fits: for (N, H, W, C) use input.permute(0, 3, 1, 2)."
                           : " Its last dim fits: for (N, D, H, W, C) use input.permute(0, 4, 1, 2, 3).";
}

// In the order in memory of the input or the weight where that is channels-last in the user's eyes.
void declare(Call& call, const Dims& sizes) {
  const auto asked = [](const Tensor& tensor) { return is_channels_last(tensor) && !tensor.body()->as_stored; };
  const DType dtype = call.args[0].body()->dtype;
  if (asked(call.tensor(0)) || asked(call.tensor(1)))
    call.outputs[0] = empty_strided(sizes, channels_last_strides(sizes), dtype, call.device);
  else call.output(0, sizes, dtype);
}

// A transposed convolution may add more at the end than its stride: what the convolution back makes of that is no position.
Tensor cut_to(const Tensor& tensor, const Dims& sizes) {
  static Operation& narrow = named("narrow");
  Tensor result = tensor;
  for (int d = 2; d < sizes.size(); ++d)
    if (result.size(d) > sizes[d]) result = run(narrow, {result, d, 0, sizes[d]});
  return result;
}

Tensor sum_over_images(const Tensor& tensor) {
  static Operation& sum = named("sum");
  Dims others = {0};
  for (int d = 2; d < tensor.dim(); ++d) others.push_back(d);
  return run(sum, {tensor, others});
}

}  // namespace

void convolution::infer(Call& call) {
  const std::string name = called(call, "conv");
  const Dims &input = call.sizes(0), &weight = call.sizes(1);
  const Dims &stride = call.arg(3).ints(), &padding = call.arg(4).ints(), &dilation = call.arg(5).ints();
  const int64_t groups = call.arg(6).integer();
  check_settings(name, input, weight, stride, padding, dilation, groups);
  check_same_dtype(name, call);
  if (weight[0] % groups || weight[0] == 0)
    fail(ErrorKind::Runtime, name, "(): weight of shape ", to_string(weight), " has ", weight[0],
         " output channels; expected a positive multiple of groups (", groups, ").");
  if (input[1] != weight[1] * groups)
    fail(ErrorKind::Runtime, name, "(): input of shape ", to_string(input), " has ", input[1],
         " channels in dim 1; weight of shape ", to_string(weight), " with groups ", groups, " expects ", weight[1] * groups,
         ".", hint_of_order(input, weight[1] * groups));
  check_bias(name, call, weight[0]);
  Dims sizes = {input[0], weight[0]};
  for (int d = 0; d < stride.size(); ++d) {
    const int64_t padded = input[d + 2] + 2 * padding[d], kernel = dilation[d] * (weight[d + 2] - 1) + 1;
    if (kernel > padded || weight[d + 2] < 1)
      fail(ErrorKind::Runtime, name, "(): kernel of size ", to_string(spatial(weight)), " with dilation ", to_string(dilation),
           " is ", kernel, " wide in dim ", d + 2, ", larger than the padded input (", padded, "); input has shape ",
           to_string(input), ", padding is ", to_string(padding), ".");
    sizes.push_back((padded - kernel) / stride[d] + 1);
  }
  declare(call, sizes);
}

void convolution::backward(Backward& b) {
  static Operation& by_input = operation<convolution_input>();
  static Operation& by_weight = operation<convolution_weight>();
  const Tensor& g = b.gradient();
  const Value &stride = b.arg(3), &padding = b.arg(4), &dilation = b.arg(5), &groups = b.arg(6);
  if (b.needs(0)) b.set(0, run(by_input, {g, b.tensor(1), nullptr, spatial(b.sizes(0)), stride, padding, dilation, groups}));
  if (b.needs(1)) {
    const auto gradients = run_all(by_weight, {g, b.tensor(0), spatial(b.sizes(1)), stride, padding, dilation, groups});
    b.set(1, gradients[0]);
    b.set(2, gradients[1]);
  } else if (b.needs(2)) {
    b.set(2, sum_over_images(g));
  }
}

KERNEL(convolution)

void convolution_input::infer(Call& call) {
  const std::string name = called(call, "conv_transpose");
  const Dims &input = call.sizes(0), &weight = call.sizes(1), &size = call.arg(3).ints();
  const Dims &stride = call.arg(4).ints(), &padding = call.arg(5).ints(), &dilation = call.arg(6).ints();
  const int64_t groups = call.arg(7).integer();
  check_settings(name, input, weight, stride, padding, dilation, groups);
  check_same_dtype(name, call);
  if (input[1] != weight[0] || weight[0] % groups)
    fail(ErrorKind::Runtime, name, "(): input of shape ", to_string(input), " has ", input[1],
         " channels in dim 1; weight of shape ", to_string(weight), " with groups ", groups, " expects ", weight[0], ".",
         hint_of_order(input, weight[0]));
  check_bias(name, call, weight[1] * groups);
  Dims sizes = {input[0], weight[1] * groups};
  for (int d = 0; d < stride.size(); ++d) {
    const int64_t kernel = dilation[d] * (weight[d + 2] - 1) + 1,
                  least = (input[d + 2] - 1) * stride[d] - 2 * padding[d] + kernel;
    if (least < 1 && size[d] < 1)
      fail(ErrorKind::Runtime, name, "(): the result would have size ", size[d], " in dim ", d + 2, "; input has shape ",
           to_string(input), ", kernel ", to_string(spatial(weight)), ", padding is ", to_string(padding),
           ". Output size is too small.");
    if (size[d] < least || size[d] >= least + std::max(stride[d], dilation[d]))
      fail(ErrorKind::Value, name, "(): an output of size ", size[d], " was asked for in dim ", d + 2, "; input of size ",
           input[d + 2], " with stride ", stride[d], " gives ", least, " to ", least + std::max(stride[d], dilation[d]) - 1,
           ".");
    sizes.push_back(size[d]);
  }
  declare(call, sizes);
}

void convolution_input::backward(Backward& b) {
  static Operation& forward = operation<convolution>();
  static Operation& by_weight = operation<convolution_weight>();
  const Tensor& g = b.gradient();
  const Value &stride = b.arg(4), &padding = b.arg(5), &dilation = b.arg(6), &groups = b.arg(7);
  if (b.needs(0)) b.set(0, cut_to(run(forward, {g, b.tensor(1), nullptr, stride, padding, dilation, groups}), b.sizes(0)));
  if (b.needs(1)) b.set(1, run(by_weight, {b.tensor(0), g, spatial(b.sizes(1)), stride, padding, dilation, groups}));
  if (b.needs(2)) b.set(2, sum_over_images(g));
}

KERNEL(convolution_input)

void convolution_weight::infer(Call& call) {
  const Dims &gradient = call.sizes(0), &input = call.sizes(1);
  const int64_t groups = call.arg(6).integer();
  Dims sizes = {gradient[1], input[1] / groups};
  for (int64_t size : call.arg(2).ints()) sizes.push_back(size);
  const DType dtype = call.args[0].body()->dtype;
  call.output(0, sizes, dtype);
  call.output(1, {gradient[1]}, dtype);
}

void convolution_weight::backward(Backward& b) {
  static Operation& forward = operation<convolution>();
  static Operation& by_input = operation<convolution_input>();
  const Value &stride = b.arg(3), &padding = b.arg(4), &dilation = b.arg(5), &groups = b.arg(6);
  const Tensor weight = b.gradient(0) ? b.gradient(0) : zeros(b.result_sizes, b.dtype(0), b.gradient(1).device());
  if (b.needs(0))
    b.set(0, cut_to(run(forward, {b.tensor(1), weight, b.gradient(1), stride, padding, dilation, groups}), b.sizes(0)));
  if (b.needs(1))
    b.set(1, run(by_input, {b.tensor(0), weight, nullptr, spatial(b.sizes(1)), stride, padding, dilation, groups}));
}

KERNEL(convolution_weight)

}  // namespace ember
