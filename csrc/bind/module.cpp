// ember._C: the module. What is hot is raw CPython in the other files; settings and facts are nanobind here.
#include "bind/python.h"  // first: Python.h

#include <nanobind/nanobind.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bind/module_base.h"
#include "bind/overrides.h"
#include "core/allocator.h"
#include "core/random.h"
#include "core/threads.h"
#include "core/worker_thread.h"
#include "cpu/dispatch.h"
#include "op/pointwise.h"

namespace nb = nanobind;

namespace ember {

namespace {

void check_processor() {
#if EMBER_MULTI_ISA
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("x86-64-v3"))
    throw nb::import_error("ember needs a processor with AVX2 and FMA (x86-64-v3, 2013 and later); this one has neither.");
#endif
}

void* unlock() { return PyEval_SaveThread(); }
void lock(void* state) { PyEval_RestoreThread(static_cast<PyThreadState*>(state)); }

void add_functions(nb::module_& m, PyMethodDef* functions) {
  if (PyModule_AddFunctions(m.ptr(), functions) < 0) throw nb::python_error();
}

// A record as Python reads it: for the tests, the docs and the stubs.
nb::dict describe(const Operation& op) {
  nb::dict facts;
  const Record& record = *op.record;
  facts["name"] = op.name();
  facts["schema"] = record.schema;
  facts["doc"] = record.doc;
  facts["source"] = record.source;
  facts["family"] = op.family;
  facts["kind"] = op.pointwise ? "pointwise" : op.is_view ? "view" : "kernel";
  facts["domain"] = nb::make_tuple(record.domain.low, record.domain.high);
  facts["ulp"] = record.ulp;
  facts["result"] = int(record.result);
  facts["types"] = record.types;
  facts["where"] = record.where;
  constexpr const char* policies[] = {"keep", "lower", "float32", "widest"};
  facts["autocast"] = policies[int(record.autocast)];
  facts["differentiable"] = op.backward != nullptr;
  facts["inplace"] = op.pointwise || record.inplace;
  facts["outputs"] = op.schema.outputs;
  facts["public_name"] = op.public_name;
  facts["output_names"] = op.schema.output_names;
  nb::list parameters;
  for (const Parameter& parameter : op.schema.parameters)
    parameters.append(nb::make_tuple(parameter.name, parameter.number ? "Number" : name_of(parameter.kind), parameter.optional,
                                     parameter.keyword_only, parameter.has_default));
  facts["parameters"] = parameters;
  return facts;
}

void define_settings(nb::module_& m) {
  m.def("get_num_threads", [] { return thread_count(); }, "The number of threads that kernels use.");
  m.def(
      "set_num_threads",
      [](int threads) {
        if (!works_alone()) set_thread_count(threads);  // a worker's thread has its one; the setting is the others'
      },
      nb::arg("int"), "Sets the number of threads that kernels use.");
  m.def("_default_generator", [] { return nb::steal(wrap(Ref<Generator>(&default_generator()))); });
  m.def("get_default_dtype", [] { return nb::steal(wrap(default_dtype())); }, "The floating type of new tensors.");
  m.def("_set_default_dtype", [](nb::handle dtype) { set_default_dtype(unwrap_dtype(dtype.ptr())); });
  m.def(
      "get_default_device", [] { return nb::steal(wrap(default_device())); },
      "Where creations that name no device put their tensors: the innermost `with torch.device(...)`, or the thread's default.");
  m.def("_set_default_device", [](nb::handle device) {
    Device chosen;
    if (!unwrap_device(device.ptr(), chosen))
      fail(ErrorKind::Type, "set_default_device(): device is of type ", type_name(device.ptr()),
           "; expected a device or its name.");
    set_default_device(chosen);
  });
  m.def("_promote_types",
        [](nb::handle a, nb::handle b) { return nb::steal(wrap(promote(unwrap_dtype(a.ptr()), unwrap_dtype(b.ptr())))); });
  m.def("_can_cast", [](nb::handle from, nb::handle to) { return can_cast(unwrap_dtype(from.ptr()), unwrap_dtype(to.ptr())); });
  m.def("_empty_cache", [] { empty_cache(); });
  m.def("_reset_peak_memory", [] { reset_peak(); });
  m.def("_set_memory_limit", [](size_t bytes) { set_memory_limit(bytes); });
  m.def("_total_memory", [] { return total_memory(); });
  m.def("_memory_statistics", [] {
    const MemoryStatistics now = memory_statistics();
    nb::dict facts;
    facts["allocated"] = now.allocated;
    facts["reserved"] = now.reserved;
    facts["peak_allocated"] = now.peak_allocated;
    facts["peak_reserved"] = now.peak_reserved;
    facts["requests"] = now.requests;
    facts["cache_hits"] = now.cache_hits;
    return facts;
  });
  m.def("_cpu_capability", [] { return processor_is_v4() ? "AVX512" : EMBER_MULTI_ISA ? "AVX2" : "DEFAULT"; });
  m.def(
      "_operation_names",
      [](unsigned where) {
        nb::list names;
        for (const Operation* op : operations()) {
          if (!(op->record->where & where)) continue;
          names.append(op->schema.name);
          if (op->pointwise || op->record->inplace) names.append(op->schema.name + "_");
        }
        return names;
      },
      "The names that stand at the places `where`: 1 torch, 2 Tensor, 4 torch.nn.functional.");
  m.def(
      "_records",
      [] {
        nb::list all;
        for (const Operation* op : operations()) all.append(describe(*op));
        return all;
      },
      "Every operation's record, as a list of dicts.");
  m.def(
      "_return_type",
      [](const std::string& name, const std::vector<std::string>& fields) {
        return nb::borrow(reinterpret_cast<PyObject*>(return_type(name, fields)));
      },
      "The class torch.return_types.<name>.");
}

}  // namespace

}  // namespace ember

NB_MODULE(_C, m) {
  using namespace ember;
  check_processor();
  nb::register_exception_translator([](const std::exception_ptr& exception, void*) {
    try {
      std::rethrow_exception(exception);
    } catch (const Error&) { set_python_error(); } catch (const PythonError&) {
    }
  });
  out_of_memory_error = PyErr_NewExceptionWithDoc("ember.OutOfMemoryError", "Memory that was asked for could not be had.",
                                                  PyExc_RuntimeError, nullptr);
  m.attr("OutOfMemoryError") = nb::borrow(out_of_memory_error);
  try {
    create_types(m.ptr());
    if (!create_tensor_type(m.ptr()) || !create_autograd_types(m.ptr())) throw PythonError();
    create_overrides(m.ptr());
    m.attr("ModuleBase") = nb::steal(make_module_base());
    nb::object functions = nb::steal(create_functions(m.ptr()));
    nb::module_ ops = m.def_submodule("ops", "Every operation by its plain name.");
    for (auto [name, function] : nb::cast<nb::dict>(functions)) nb::setattr(ops, nb::cast<nb::str>(name), function);
  } catch (...) {
    set_python_error();
    throw nb::python_error();
  }
  add_functions(m, autograd_functions());
  add_functions(m, interchange_functions());
  add_functions(m, worker_functions());
  add_functions(m, shared_memory_functions());
  add_functions(m, modes_functions());
  add_functions(m, override_functions());
  add_functions(m, batching_functions());
  define_settings(m);
  unlock_interpreter = unlock;
  lock_interpreter = lock;
}
