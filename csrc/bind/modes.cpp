// Modes that look at operations or change their types, as Python sets them: autocast, anomaly mode, the search for the first
// nan, the profiler, and functions that are shown each call.
#include "bind/python.h"

namespace ember {

namespace {

// ---- autocast ----

// (enabled, dtype, whether casts of leaves are kept)
PyObject* get_autocast(PyObject*, PyObject*) {
  return guarded([&] {
    return Py_BuildValue("(NNN)", PyBool_FromLong(modes.autocast), wrap(autocast_state.lower),
                         PyBool_FromLong(autocast_state.cache));
  });
}

PyObject* is_autocast(PyObject*, PyObject*) { return PyBool_FromLong(modes.autocast); }

PyObject* is_default_device_cpu(PyObject*, PyObject*) { return PyBool_FromLong(default_device().type == DeviceType::Cpu); }

PyObject* set_autocast(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    int enabled, cache;
    PyObject* dtype;
    if (!PyArg_ParseTuple(args, "pOp", &enabled, &dtype, &cache)) throw PythonError();
    autocast_state.lower = unwrap_dtype(dtype);
    modes.autocast = enabled;
    autocast_state.cache = cache;
    Py_RETURN_NONE;
  });
}

// Opens (+1) or closes (-1) a block and says how many are open.
PyObject* count_autocast_blocks(PyObject*, PyObject* change) {
  autocast_state.blocks += int(PyLong_AsLong(change));
  return PyErr_Occurred() ? nullptr : PyLong_FromLong(autocast_state.blocks);
}

PyObject* clear_cache(PyObject*, PyObject*) {
  clear_autocast_cache();
  Py_RETURN_NONE;
}

// ---- where Python is ----

struct Frame {
  Object code;
  int at;  // the instruction from Python 3.11 on, before that the line
};
struct Place final : Counted {
  std::vector<Frame> frames;  // the innermost first
};
constexpr size_t kMostFrames = 64;

Ref<Counted> note_python_place() {
  Ref<Place> place(new Place);
  PyFrameObject* frame = PyThreadState_GetFrame(PyThreadState_Get());
  while (frame) {
    Frame each;
    each.code = Object::take(reinterpret_cast<PyObject*>(PyFrame_GetCode(frame)));
#if PY_VERSION_HEX >= 0x030B0000
    each.at = PyFrame_GetLasti(frame);
#else
    each.at = PyFrame_GetLineNumber(frame);
#endif
    place->frames.push_back(std::move(each));
    PyFrameObject* back = place->frames.size() < kMostFrames ? PyFrame_GetBack(frame) : nullptr;
    Py_DECREF(frame);
    frame = back;
  }
  return place;
}

// The frames as a list of (file, line, function).
Object frames_of(const Counted& place) {
  Object list = Object::take(PyList_New(0));
  for (const Frame& frame : static_cast<const Place&>(place).frames) {
    auto* code = reinterpret_cast<PyCodeObject*>(frame.code.get());
#if PY_VERSION_HEX >= 0x030B0000
    const int line = PyCode_Addr2Line(code, frame.at);
#else
    const int line = frame.at;
#endif
    Object each = Object::take(Py_BuildValue("(OiO)", code->co_filename, line, code->co_name));
    if (PyList_Append(list.get(), each.get()) < 0) throw PythonError();
  }
  return list;
}

std::string describe_python_place(const Counted& place) {
  Object module = Object::take(PyImport_ImportModule("ember._places"));
  Object text = Object::take(PyObject_CallMethod(module.get(), "describe", "O", frames_of(place).get()));
  return utf8_of(text.get());
}

// An exception that is set stays so; a warning that is an error replaces it.
void warn_of_python_place(const std::string& node, const Counted& place) {
  PyObject *type, *error, *traceback;
  PyErr_Fetch(&type, &error, &traceback);
  Object module = Object::take(PyImport_ImportModule("ember._places"));
  PyObject* done = PyObject_CallMethod(module.get(), "warn", "sO", node.c_str(), frames_of(place).get());
  if (!done && type) PyErr_Clear();
  if (done || type) PyErr_Restore(type, error, traceback);
  Py_XDECREF(done);
  if (!done && !type) throw PythonError();
}

// ---- anomaly mode, the search for the first nan ----

PyObject* set_anomaly_mode(PyObject*, PyObject* args) {
  int enabled, nan;
  if (!PyArg_ParseTuple(args, "pp", &enabled, &nan)) return nullptr;
  set_anomaly(enabled, nan);
  Py_RETURN_NONE;
}
PyObject* is_anomaly_enabled(PyObject*, PyObject*) { return PyBool_FromLong(detect_anomaly); }
PyObject* is_anomaly_check_nan(PyObject*, PyObject*) { return PyBool_FromLong(check_nan); }

PyObject* is_nan_search_enabled(PyObject*, PyObject*) { return PyBool_FromLong(modes.watched & kNanSearch); }
PyObject* set_nan_search(PyObject*, PyObject* enabled) {
  const bool before = modes.watched & kNanSearch;
  modes.watched = uint8_t(enabled == Py_True ? modes.watched | kNanSearch : modes.watched & ~kNanSearch);
  return PyBool_FromLong(before);
}

// ---- the profiler ----

PyObject* begin_profile(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    int shapes, memory, places;
    if (!PyArg_ParseTuple(args, "ppp", &shapes, &memory, &places)) throw PythonError();
    start_profile({bool(shapes), bool(memory), bool(places)});
    Py_RETURN_NONE;
  });
}

Object strings(const std::vector<std::string>& texts) {
  Object list = Object::take(PyList_New(0));
  for (const std::string& each : texts) {
    Object text = Object::take(PyUnicode_FromStringAndSize(each.data(), Py_ssize_t(each.size())));
    if (PyList_Append(list.get(), text.get()) < 0) throw PythonError();
  }
  return list;
}

// A list of (name, scope, parent, start, end, memory, node's number, shapes, dtypes, frames), in the order of their starts.
PyObject* end_profile(PyObject*, PyObject*) {
  return guarded([&] {
    Object list = Object::take(PyList_New(0));
    for (const ProfileEvent& event : stop_profile()) {
      Object frames = event.place ? frames_of(*event.place) : Object::take(PyList_New(0));
      Object each = Object::take(Py_BuildValue("(siiLLLLNNN)", event.name.c_str(), int(event.scope), event.parent,
                                               static_cast<long long>(event.start), static_cast<long long>(event.end),
                                               static_cast<long long>(event.memory), static_cast<long long>(event.number),
                                               strings(event.shapes).give(), strings(event.dtypes).give(), frames.give()));
      if (PyList_Append(list.get(), each.get()) < 0) throw PythonError();
    }
    return list.give();
  });
}

PyObject* is_profiling(PyObject*, PyObject*) { return PyBool_FromLong(modes.watched & kProfiler); }

PyObject* begin_range(PyObject*, PyObject* name) {
  return guarded([&] { return PyLong_FromLong(open_range(utf8_of(name), Scope::User)); });
}
PyObject* end_range(PyObject*, PyObject* index) {
  const long which = PyLong_AsLong(index);
  if (which == -1 && PyErr_Occurred()) return nullptr;
  close_range(int(which));
  Py_RETURN_NONE;
}

// ---- observers ----

Object list_of(const std::vector<Tensor>& tensors) {
  Object list = Object::take(PyList_New(Py_ssize_t(tensors.size())));
  for (size_t i = 0; i < tensors.size(); ++i) PyList_SET_ITEM(list.get(), Py_ssize_t(i), Object::take(wrap(tensors[i])).give());
  return list;
}

Object list_of(const std::vector<double>& numbers) {
  Object list = Object::take(PyList_New(Py_ssize_t(numbers.size())));
  for (size_t i = 0; i < numbers.size(); ++i)
    PyList_SET_ITEM(list.get(), Py_ssize_t(i), Object::take(PyFloat_FromDouble(numbers[i])).give());
  return list;
}

// What an argument holds, as Python has it.
Object object_of(const Value& value) {
  switch (value.kind) {
    case ValueKind::None: return Object::borrow(Py_None);
    case ValueKind::Tensor: return Object::take(wrap(value.tensor()));
    case ValueKind::Bool: return Object::take(PyBool_FromLong(value.boolean()));
    case ValueKind::Int: return Object::take(PyLong_FromLongLong(value.integer()));
    case ValueKind::Float: return Object::take(PyFloat_FromDouble(value.real()));
    case ValueKind::Complex: return Object::take(PyComplex_FromDoubles(value.complex().re, value.complex().im));
    case ValueKind::Ints: return Object::take(wrap_ints(value.ints()));
    case ValueKind::Floats: return list_of(value.floats());
    case ValueKind::Tensors: return list_of(value.tensors());
    case ValueKind::DType: return Object::take(wrap(value.dtype()));
    case ValueKind::Device: return Object::take(wrap(value.device()));
    case ValueKind::String: return Object::take(PyUnicode_FromString(value.string().c_str()));
    case ValueKind::Generator: return Object::take(wrap(value.generator()));
  }
  return Object::borrow(Py_None);
}

thread_local PyObject* observer = nullptr;

// The observer is off while it looks at a call.
void show_to_observer(const Call& call) {
  struct Off {
    Off() { modes.watched &= uint8_t(~kObserver); }
    ~Off() {
      if (observer) modes.watched |= kObserver;
    }
  } off;
  Object args = Object::take(PyList_New(0)), keywords = Object::take(PyDict_New());
  for (int i = 0; i < call.count(); ++i) {
    const Parameter& parameter = call.op.schema.parameters[size_t(i)];
    Object value = object_of(call.arg(i));
    const int failed = parameter.keyword_only ? PyDict_SetItemString(keywords.get(), parameter.name.c_str(), value.get())
                                              : PyList_Append(args.get(), value.get());
    if (failed) throw PythonError();
  }
  std::vector<Tensor> results = call.list;
  for (const Tensor& output : call.outputs)
    if (output) results.push_back(output);
  Object function = Object::borrow(observer);
  Object list = list_of(results);
  Object::take(PyObject_CallFunction(function.get(), "sOOO", call.op.name(), args.get(), list.get(), keywords.get()));
}

// A function that is called with each operation's name, arguments, results and keywords; None for none. Returns the one
// before.
PyObject* set_observer(PyObject*, PyObject* function) {
  PyObject* before = std::exchange(observer, function == Py_None ? nullptr : Py_NewRef(function));
  modes.watched = uint8_t(observer ? modes.watched | kObserver : modes.watched & ~kObserver);
  return before ? before : Py_NewRef(Py_None);
}

PyObject* get_observer(PyObject*, PyObject*) { return Py_NewRef(observer ? observer : Py_None); }

// (number of the graph node that the thread makes next, that of the node whose backward runs or None)
PyObject* graph_position(PyObject*, PyObject*) {
  PyObject* running = running_node == UINT64_MAX ? Py_NewRef(Py_None) : PyLong_FromUnsignedLongLong(running_node);
  return Py_BuildValue("(KN)", static_cast<unsigned long long>(next_node()), running);
}

PyMethodDef functions[] = {
    {"_set_observer", set_observer, METH_O, nullptr},
    {"_observer", get_observer, METH_NOARGS, nullptr},
    {"_graph_position", graph_position, METH_NOARGS, nullptr},
    {"_get_autocast", get_autocast, METH_NOARGS, nullptr},
    {"_is_autocast", is_autocast, METH_NOARGS, nullptr},
    {"_is_default_device_cpu", is_default_device_cpu, METH_NOARGS, nullptr},
    {"_set_autocast", set_autocast, METH_VARARGS, nullptr},
    {"_count_autocast_blocks", count_autocast_blocks, METH_O, nullptr},
    {"clear_autocast_cache", clear_cache, METH_NOARGS, "Forgets the parameters that autocast has cast."},
    {"_set_anomaly", set_anomaly_mode, METH_VARARGS, nullptr},
    {"is_anomaly_enabled", is_anomaly_enabled, METH_NOARGS, nullptr},
    {"is_anomaly_check_nan_enabled", is_anomaly_check_nan, METH_NOARGS, nullptr},
    {"is_debug_nans_enabled", is_nan_search_enabled, METH_NOARGS, "Whether debug_nans is on for this thread."},
    {"_set_nan_search", set_nan_search, METH_O, nullptr},
    {"_start_profile", begin_profile, METH_VARARGS, nullptr},
    {"_stop_profile", end_profile, METH_NOARGS, nullptr},
    {"_is_profiling", is_profiling, METH_NOARGS, nullptr},
    {"_open_range", begin_range, METH_O, nullptr},
    {"_close_range", end_range, METH_O, nullptr},
    {nullptr, nullptr, 0, nullptr}};

const bool installed = (observe = show_to_observer, note_place = note_python_place, describe_place = describe_python_place,
                        warn_of_place = warn_of_python_place, true);

}  // namespace

PyMethodDef* modes_functions() { return functions; }

}  // namespace ember
