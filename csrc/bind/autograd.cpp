// Backward passes, gradient modes, hooks, graph nodes and user-defined functions, as Python sees them.
#include "bind/python.h"

namespace ember {

namespace {

std::vector<Tensor> tensors_in(PyObject* sequence, const char* caller) {
  Object fast = Object::take(PySequence_Fast(sequence, "expected a sequence of tensors"));
  std::vector<Tensor> tensors;
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(fast.get()); ++i) {
    PyObject* each = PySequence_Fast_ITEMS(fast.get())[i];
    if (each == Py_None) tensors.emplace_back();
    else if (is_tensor(each)) tensors.push_back(unwrap(each));
    else fail(ErrorKind::Type, caller, "(): element ", i, " must be a Tensor, not ", type_name(each), ".");
  }
  return tensors;
}

Tensor given_tensor(PyObject* object, const char* caller) {
  if (!is_tensor(object)) fail(ErrorKind::Type, caller, "(): expected a Tensor, not ", type_name(object), ".");
  return unwrap(object);
}

Object tuple_of(const std::vector<Tensor>& tensors) {
  Object tuple = Object::take(PyTuple_New(Py_ssize_t(tensors.size())));
  for (size_t i = 0; i < tensors.size(); ++i) PyTuple_SET_ITEM(tuple.get(), Py_ssize_t(i), wrap(tensors[i]));
  return tuple;
}

// _backward(tensors, gradients, retain_graph, create_graph, inputs, accumulate) -> gradients of inputs
PyObject* backward(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject *roots, *gradients, *inputs;
    int retain, create, accumulate;
    if (!PyArg_ParseTuple(args, "OOppOp", &roots, &gradients, &retain, &create, &inputs, &accumulate)) throw PythonError();
    BackwardOptions options;
    options.retain_graph = retain;
    options.create_graph = create;
    options.accumulate = accumulate;
    options.caller = accumulate ? "backward" : "grad";
    return tuple_of(run_backward(tensors_in(roots, options.caller), tensors_in(gradients, options.caller),
                                 tensors_in(inputs, options.caller), options))
        .give();
  });
}

// Tensor.backward(gradient=None, retain_graph=None, create_graph=False, inputs=None), the frequent form without Python.
PyObject* tensor_backward(PyObject*, PyObject* tensor) {
  return guarded([&]() -> PyObject* {
    run_backward({given_tensor(tensor, "backward")}, {}, {}, {});
    Py_RETURN_NONE;
  });
}

// ---- modes ----

PyObject* is_grad_enabled(PyObject*, PyObject*) { return PyBool_FromLong(modes.gradient); }
PyObject* set_grad_enabled(PyObject*, PyObject* enabled) {
  const bool before = modes.gradient;
  modes.gradient = enabled == Py_True;
  return PyBool_FromLong(before);
}
PyObject* is_inference_mode_enabled(PyObject*, PyObject*) { return PyBool_FromLong(modes.inference); }
PyObject* set_inference_mode(PyObject*, PyObject* enabled) {
  const bool before = modes.inference;
  modes.inference = enabled == Py_True;
  return PyBool_FromLong(before);
}

// ---- hooks ----

// A function of one gradient (a tensor's hook) or of tuples (a node's).
struct PythonHook final : Hook {
  Object function;
  bool single;
  PythonHook(PyObject* function, bool single) : function(Object::borrow(function)), single(single) {}

  void run(std::vector<Tensor>& gradients, const std::vector<Tensor>& others) override {
    Object result;
    if (single) {
      Object gradient = Object::take(wrap(gradients[0]));
      result = Object::take(PyObject_CallOneArg(function.get(), gradient.get()));
    } else if (others.empty()) {
      Object tuple = tuple_of(gradients);
      result = Object::take(PyObject_CallOneArg(function.get(), tuple.get()));
    } else {
      Object tuple = tuple_of(gradients), other = tuple_of(others);
      result = Object::take(PyObject_CallFunctionObjArgs(function.get(), tuple.get(), other.get(), nullptr));
    }
    if (result.get() == Py_None) return;
    if (single) {
      if (!is_tensor(result.get()))
        fail(ErrorKind::Type, "register_hook(): the hook returned ", type_name(result.get()), "; expected a Tensor or None.");
      if (unwrap(result.get()).sizes() != gradients[0].sizes())
        fail(ErrorKind::Runtime, "register_hook(): the hook has changed the size of the gradient from ",
             to_string(gradients[0].sizes()), " to ", to_string(unwrap(result.get()).sizes()), ".");
      gradients[0] = unwrap(result.get());
      return;
    }
    if (is_tensor(result.get())) {
      gradients[0] = unwrap(result.get());
      return;
    }
    std::vector<Tensor> changed = tensors_in(result.get(), "register_hook");
    if (changed.size() != gradients.size())
      fail(ErrorKind::Runtime, "register_hook(): the hook returned ", changed.size(), " gradients; expected ", gradients.size(),
           ".");
    gradients = std::move(changed);
  }
};

struct AfterHook final : Hook {
  Object function;
  explicit AfterHook(PyObject* function) : function(Object::borrow(function)) {}
  void run(std::vector<Tensor>& self, const std::vector<Tensor>&) override {
    Object tensor = Object::take(wrap(self[0]));
    Object::take(PyObject_CallOneArg(function.get(), tensor.get()));
  }
};

// ---- nodes ----

struct PyNode {
  PyObject_HEAD
  Node* node;
};
PyTypeObject* node_type = nullptr;
Node& node_in(PyObject* self) { return *reinterpret_cast<PyNode*>(self)->node; }

void node_deallocate(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  node_in(self).python = nullptr;
  release(&node_in(self));
  type->tp_free(self);
  Py_DECREF(type);
}
PyObject* node_name(PyObject* self, PyObject*) {
  return guarded([&] { return PyUnicode_FromString(node_in(self).name().c_str()); });
}
PyObject* node_represent(PyObject* self) {
  return guarded([&] { return PyUnicode_FromFormat("<%s object at %p>", node_in(self).name().c_str(), &node_in(self)); });
}
PyObject* node_next(PyObject* self, void*) {
  return guarded([&] {
    const auto& edges = node_in(self).edges;
    Object tuple = Object::take(PyTuple_New(Py_ssize_t(edges.size())));
    for (size_t i = 0; i < edges.size(); ++i)
      PyTuple_SET_ITEM(tuple.get(), Py_ssize_t(i), Py_BuildValue("(NI)", wrap_node(edges[i].node), edges[i].output));
    return tuple.give();
  });
}
PyObject* node_variable(PyObject* self, void*) {
  return guarded([&]() -> PyObject* {
    if (auto* leaf = dynamic_cast<AccumulateGradient*>(&node_in(self))) return wrap(leaf->variable);
    PyErr_Format(PyExc_AttributeError, "'%s' object has no attribute 'variable'", node_in(self).name().c_str());
    return nullptr;
  });
}
PyObject* node_sequence(PyObject* self, PyObject*) { return PyLong_FromUnsignedLongLong(node_in(self).sequence); }

PyObject* handle(PyObject* owner, const char* kind, int64_t id) {
  Object module = Object::take(PyImport_ImportModule("ember.utils.hooks"));
  return PyObject_CallMethod(module.get(), "GradientHookHandle", "OsL", owner, kind, static_cast<long long>(id));
}
PyObject* node_register_hook(PyObject* self, PyObject* function) {
  return guarded([&] { return handle(self, "after", node_in(self).after.add(Ref<Hook>(new PythonHook(function, false)))); });
}
PyObject* node_register_prehook(PyObject* self, PyObject* function) {
  return guarded([&] { return handle(self, "before", node_in(self).before.add(Ref<Hook>(new PythonHook(function, false)))); });
}

// The tensors whose memory the node keeps for backward.
PyObject* node_saved(PyObject* self, PyObject*) {
  return guarded([&] {
    std::vector<Tensor> saved;
    auto keep = [&](const Tensor& tensor) {
      if (tensor && tensor.storage()->data) saved.push_back(tensor);
    };
    if (auto* node = dynamic_cast<OperationNode*>(&node_in(self))) {
      for (const Value& arg : node->args) {
        keep(arg.tensor());
        if (arg.kind == ValueKind::Tensors)
          for (const Tensor& each : arg.tensors()) keep(each);
      }
      for (const Tensor& output : node->saved_outputs) keep(output);
    }
    return tuple_of(saved).give();
  });
}

PyMethodDef node_methods[] = {
    {"_saved", node_saved, METH_NOARGS, nullptr},
    {"name", node_name, METH_NOARGS, "As AddBackward0."},
    {"_sequence_nr", node_sequence, METH_NOARGS, nullptr},
    {"register_hook", node_register_hook, METH_O, "hook(gradients of inputs, of outputs) after the node ran."},
    {"register_prehook", node_register_prehook, METH_O, "hook(gradients of outputs) before the node runs."},
    {nullptr, nullptr, 0, nullptr}};
PyGetSetDef node_properties[] = {{"next_functions", node_next, nullptr, "Nodes of the inputs, with output numbers.", nullptr},
                                 {"variable", node_variable, nullptr, "Of AccumulateGrad: the leaf.", nullptr},
                                 {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyObject* register_hook(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject *object, *function;
    if (!PyArg_ParseTuple(args, "OO", &object, &function)) throw PythonError();
    const Tensor tensor = given_tensor(object, "register_hook");
    if (!requires_grad(tensor))
      fail(ErrorKind::Runtime, "register_hook(): cannot register a hook on a tensor that doesn't require gradient.");
    return handle(object, "tensor", hooks_of(tensor).list.add(Ref<Hook>(new PythonHook(function, true))));
  });
}

PyObject* register_accumulation_hook(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject *object, *function;
    if (!PyArg_ParseTuple(args, "OO", &object, &function)) throw PythonError();
    const Tensor tensor = given_tensor(object, "register_post_accumulate_grad_hook");
    if (!requires_grad(tensor))
      fail(ErrorKind::Runtime,
           "register_post_accumulate_grad_hook(): cannot register a hook on a tensor that doesn't require gradient.");
    if (!is_leaf(tensor))
      fail(ErrorKind::Runtime,
           "register_post_accumulate_grad_hook(): post accumulate grad hooks cannot be registered on non-leaf tensors.");
    return handle(object, "accumulation", hooks_of(tensor).after_accumulation.add(Ref<Hook>(new AfterHook(function))));
  });
}

PyObject* remove_hook(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* object;
    const char* kind;
    long long id;
    if (!PyArg_ParseTuple(args, "OsL", &object, &kind, &id)) throw PythonError();
    const std::string where = kind;
    if (where == "after") node_in(object).after.remove(id);
    else if (where == "before") node_in(object).before.remove(id);
    else if (where == "tensor") hooks_of(unwrap(object)).list.remove(id);
    else hooks_of(unwrap(object)).after_accumulation.remove(id);
    Py_RETURN_NONE;
  });
}

// ---- hooks on saved tensors ----

struct PackedObject final : Counted {
  Object object;
};
struct PythonSavedHooks final : SavedHooks {
  Object packing, unpacking;

  Ref<Counted> pack(const Tensor& tensor) override {
    Object given = Object::take(wrap(tensor));
    Ref<PackedObject> packed(new PackedObject);
    packed->object = Object::take(PyObject_CallOneArg(packing.get(), given.get()));
    return packed;
  }
  Tensor unpack(Counted& packed) override {
    Object result = Object::take(PyObject_CallOneArg(unpacking.get(), static_cast<PackedObject&>(packed).object.get()));
    if (!is_tensor(result.get()))
      fail(ErrorKind::Type, "backward(): the unpack hook returned ", type_name(result.get()), "; expected a Tensor.");
    return unwrap(result.get());
  }
};

PyObject* push_saved_hooks(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject *packing, *unpacking;
    if (!PyArg_ParseTuple(args, "OO", &packing, &unpacking)) throw PythonError();
    Ref<PythonSavedHooks> hooks(new PythonSavedHooks);
    hooks->packing = Object::borrow(packing);
    hooks->unpacking = Object::borrow(unpacking);
    saved_hooks.emplace_back(hooks);
    Py_RETURN_NONE;
  });
}

PyObject* pop_saved_hooks(PyObject*, PyObject*) {
  if (!saved_hooks.empty()) saved_hooks.pop_back();
  Py_RETURN_NONE;
}

// The innermost pair as (pack, unpack), or None.
PyObject* current_saved_hooks(PyObject*, PyObject*) {
  if (saved_hooks.empty() || !saved_hooks.back()) Py_RETURN_NONE;
  const auto& hooks = static_cast<const PythonSavedHooks&>(*saved_hooks.back());
  return PyTuple_Pack(2, hooks.packing.get(), hooks.unpacking.get());
}

// ---- autograd.Function ----

// The node of a user's Function: its context object runs the user's backward.
struct FunctionNode final : Node {
  Object context;
  std::string title;
  std::vector<OutputFacts> inputs;

  std::string name() const override { return title; }
  void free_saved() override { Object::take(PyObject_CallMethod(context.get(), "_free_saved", nullptr)); }
  void apply(std::vector<Tensor>& gradients, std::vector<Tensor>& results) override {
    Object materialize = Object::take(PyObject_GetAttrString(context.get(), "materialize_grads"));
    if (PyObject_IsTrue(materialize.get()))
      for (size_t i = 0; i < gradients.size(); ++i)
        if (!gradients[i] && is_differentiable(outputs[i].dtype))
          gradients[i] = zeros(outputs[i].sizes, outputs[i].dtype, outputs[i].device);
    Object tuple = tuple_of(gradients), node = Object::take(wrap_node(Ref<Node>(this)));
    Object answer = Object::take(PyObject_CallMethod(context.get(), "_run_backward", "OO", tuple.get(), node.get()));
    const std::vector<Tensor> given = tensors_in(answer.get(), title.c_str());
    if (given.size() != edges.size())
      fail(ErrorKind::Runtime, title, "(): function returned an incorrect number of gradients (expected ", edges.size(),
           ", got ", given.size(), ").");
    for (size_t i = 0; i < given.size(); ++i) {
      if (!given[i] || !edges[i].node) continue;
      Tensor gradient = given[i];
      if (gradient.sizes() != inputs[i].sizes) {
        Dims met = broadcast(gradient.sizes(), inputs[i].sizes, title.c_str());
        if (met != gradient.sizes())
          fail(ErrorKind::Runtime, title, "(): returned an invalid gradient at index ", i, " - got ",
               to_string(gradient.sizes()), " but expected shape compatible with ", to_string(inputs[i].sizes), ".");
        gradient = sum_to(gradient, inputs[i].sizes);
      }
      results[i] = to_dtype(gradient, inputs[i].dtype);
    }
  }
};

// The gradient of a sparse tensor is that of its elements, which a Function does not know.
void refuse_sparse(const Tensor& tensor, const char* title, const char* what) {
  if (!holds_sparse(tensor)) return;
  Object object = Object::take(wrap(tensor));
  Object wanted = Object::take(PyObject_GetAttrString(object.get(), "requires_grad"));
  Object layout = Object::take(PyObject_GetAttrString(object.get(), "layout"));
  Object name = Object::take(PyObject_Str(layout.get()));
  if (wanted.get() == Py_True || what[0] == 'r')
    fail(ErrorKind::NotImplemented, title, "(): the Function ", what, " a tensor of layout ", utf8_of(name.get()),
         " in the graph; expected a strided one. Pass its values().");
}

// _attach_function(context, name, inputs, outputs, dirty) -> node: hangs outputs on a FunctionNode.
PyObject* attach_function(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject *context, *inputs, *outputs;
    const char* title;
    if (!PyArg_ParseTuple(args, "OsOO", &context, &title, &inputs, &outputs)) throw PythonError();
    Ref<FunctionNode> node(new FunctionNode);
    node->context = Object::borrow(context);
    node->title = title;
    if (detect_anomaly || modes.watched & kNanSearch) node->metadata = note_place();
    for (const Tensor& input : tensors_in(inputs, title)) {
      refuse_sparse(input, title, "takes");
      node->edges.push_back(input ? edge_of(input) : Edge());
      node->inputs.push_back(input ? OutputFacts{input.sizes(), input.dtype(), input.device()} : OutputFacts());
    }
    for (const Tensor& output : tensors_in(outputs, title)) {
      refuse_sparse(output, title, "returns");
      node->outputs.push_back(output ? OutputFacts{output.sizes(), output.dtype(), output.device()}
                                     : OutputFacts{{}, DType::Bool, {}});
      if (output) set_node(output, node, uint32_t(node->outputs.size() - 1));
    }
    return wrap_node(node);
  });
}

// An output of a Function as its backward sees it: the same memory, made by that node again.
PyObject* output_of_node(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject *object, *node;
    unsigned output;
    if (!PyArg_ParseTuple(args, "OOI", &object, &node, &output)) throw PythonError();
    const Tensor same = detached(unwrap(object));
    set_node(same, Ref<Node>(&node_in(node)), output);
    return wrap(same);
  });
}

PyObject* gradient_edge(PyObject*, PyObject* object) {
  return guarded([&]() -> PyObject* {
    const Edge edge = edge_of(given_tensor(object, "get_gradient_edge"));
    return Py_BuildValue("(NI)", wrap_node(edge.node), edge.output);
  });
}

PyMethodDef functions[] = {
    {"_backward", backward, METH_VARARGS, nullptr},
    {"_tensor_backward", tensor_backward, METH_O, nullptr},
    {"is_grad_enabled", is_grad_enabled, METH_NOARGS, "Whether operations are recorded on this thread."},
    {"_set_grad_enabled", set_grad_enabled, METH_O, nullptr},
    {"is_inference_mode_enabled", is_inference_mode_enabled, METH_NOARGS, "Whether inference_mode is on."},
    {"_set_inference_mode", set_inference_mode, METH_O, nullptr},
    {"_register_hook", register_hook, METH_VARARGS, nullptr},
    {"_register_accumulation_hook", register_accumulation_hook, METH_VARARGS, nullptr},
    {"_remove_hook", remove_hook, METH_VARARGS, nullptr},
    {"_push_saved_hooks", push_saved_hooks, METH_VARARGS, nullptr},
    {"_pop_saved_hooks", pop_saved_hooks, METH_NOARGS, nullptr},
    {"_current_saved_hooks", current_saved_hooks, METH_NOARGS, nullptr},
    {"_attach_function", attach_function, METH_VARARGS, nullptr},
    {"_output_of_node", output_of_node, METH_VARARGS, nullptr},
    {"_gradient_edge", gradient_edge, METH_O, nullptr},
    {nullptr, nullptr, 0, nullptr}};

}  // namespace

PyObject* wrap_node(const Ref<Node>& node) {
  if (!node) Py_RETURN_NONE;
  if (node->python) {
    Py_INCREF(static_cast<PyObject*>(node->python));
    return static_cast<PyObject*>(node->python);
  }
  PyObject* object = Object::take(node_type->tp_alloc(node_type, 0)).give();
  retain(node.get());
  reinterpret_cast<PyNode*>(object)->node = node.get();
  node->python = object;
  return object;
}

bool create_autograd_types(PyObject* module) {
  PyType_Slot slots[] = {{Py_tp_dealloc, reinterpret_cast<void*>(node_deallocate)},
                         {Py_tp_repr, reinterpret_cast<void*>(node_represent)},
                         {Py_tp_methods, node_methods},
                         {Py_tp_getset, node_properties},
                         {0, nullptr}};
  PyType_Spec spec = {"ember._C.Node", sizeof(PyNode), 0, Py_TPFLAGS_DEFAULT, slots};
  node_type = reinterpret_cast<PyTypeObject*>(Object::take(PyType_FromSpec(&spec)).give());
  return PyModule_AddObjectRef(module, "Node", reinterpret_cast<PyObject*>(node_type)) == 0;
}

PyMethodDef* autograd_functions() { return functions; }

}  // namespace ember
