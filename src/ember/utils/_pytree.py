"""Nested containers as trees: their leaves in a list, and a specification that puts leaves back.

Containers are lists, tuples, named tuples, dicts, OrderedDicts, defaultdicts, deques, ember's named results, and what
`register_pytree_node` adds. Anything else is a leaf, None too.
"""

from __future__ import annotations

import dataclasses
import itertools
import types
from collections import OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, TypeAlias

from .. import _C
from ._pytree_keys import GetAttrKey, KeyEntry, KeyPath, MappingKey, SequenceKey
from ._pytree_keys import key_get as key_get
from ._pytree_keys import keystr as keystr

Context: TypeAlias = Any
PyTree: TypeAlias = Any
IsLeaf: TypeAlias = "Callable[[Any], bool] | None"


class NodeDef(NamedTuple):
    """How a type of containers is taken apart and put together."""

    type: Any
    flatten_fn: Callable[[Any], tuple[list[Any], Any]]
    unflatten_fn: Callable[[Iterable[Any], Any], Any]
    flatten_with_keys_fn: Callable[[Any], tuple[list[tuple[KeyEntry, Any]], Any]] | None


SUPPORTED_NODES: dict[Any, NodeDef] = {}


def is_namedtuple_class(cls: type) -> bool:
    """Whether a class is one that `collections.namedtuple` makes, or derives from one."""
    fields = getattr(cls, "_fields", None)
    return isinstance(cls, type) and issubclass(cls, tuple) and isinstance(fields, tuple) and hasattr(cls, "_make")


def is_namedtuple_instance(obj: object) -> bool:
    """Whether an object is a named tuple."""
    return is_namedtuple_class(type(obj))


def is_namedtuple(obj: object) -> bool:
    """Whether an object is a named tuple, or a class of them."""
    return is_namedtuple_class(obj if isinstance(obj, type) else type(obj))


def is_structseq_class(cls: type) -> bool:
    """Whether a class is one of C's named tuples, as those of `torch.return_types` are."""
    return isinstance(cls, type) and cls.__base__ is tuple and hasattr(cls, "n_sequence_fields")


def is_structseq_instance(obj: object) -> bool:
    """Whether an object is one of C's named tuples."""
    return is_structseq_class(type(obj))


def is_structseq(obj: object) -> bool:
    """Whether an object is one of C's named tuples, or a class of them."""
    return is_structseq_class(obj if isinstance(obj, type) else type(obj))


def _get_node_type(tree: Any) -> Any:
    kind = type(tree)
    if kind in SUPPORTED_NODES:
        return kind
    if is_namedtuple_class(kind):
        return namedtuple
    if is_structseq_class(kind):
        SUPPORTED_NODES[kind] = NodeDef(
            kind, _list_flatten, lambda children, context: kind(children), _list_flatten_with_keys
        )
    return kind


def tree_is_leaf(tree: Any, is_leaf: IsLeaf = None) -> bool:
    """Whether a tree is one leaf."""
    return (is_leaf is not None and is_leaf(tree)) or _get_node_type(tree) not in SUPPORTED_NODES


_is_leaf = tree_is_leaf


# ---- specifications ----


class TreeSpec:
    """The containers of a tree, without its leaves.

    Args:
        type: the type of the outermost container; None of a leaf.
        context: what it holds besides its children: a dict its keys.
        children_specs: the specification of each child.
    """

    __slots__ = ("_children", "_context", "num_leaves", "num_nodes", "type")

    def __init__(self, type: Any, context: Any, children_specs: list[TreeSpec]) -> None:
        self.type = type
        self._context = context
        self._children = list(children_specs)
        self.num_nodes: int = 1 + sum(child.num_nodes for child in self._children)
        self.num_leaves: int = 1 if type is None else sum(child.num_leaves for child in self._children)

    @property
    def context(self) -> Any:
        """What the outermost container holds besides its children."""
        return self._context

    @property
    def num_children(self) -> int:
        """The number of children of the outermost container."""
        return len(self._children)

    @property
    def children_specs(self) -> list[TreeSpec]:
        """The specification of each child."""
        return self._children

    def children(self) -> list[TreeSpec]:
        """The specification of each child, in a new list."""
        return list(self._children)

    def child(self, index: int) -> TreeSpec:
        """The specification of one child."""
        return self._children[index]

    def is_leaf(self) -> bool:
        """Whether the tree is one leaf."""
        return self.type is None

    def flatten_up_to(self, tree: Any) -> list[Any]:
        """What stands in `tree` where this specification has leaves."""
        subtrees: list[Any] = []
        self._flatten_up_to(tree, subtrees)
        return subtrees

    def _flatten_up_to(self, tree: Any, subtrees: list[Any]) -> None:
        if self.is_leaf():
            subtrees.append(tree)
            return
        kind = _get_node_type(tree)
        both_dicts = kind in _DICTS and self.type in _DICTS
        if kind is not self.type and not both_dicts:
            raise ValueError(f"Node type mismatch; expected {self.type!r}, but got {kind!r}.")
        children, context = SUPPORTED_NODES[kind].flatten_fn(tree)
        if len(children) != self.num_children and not both_dicts:
            raise ValueError(f"Node arity mismatch; expected {self.num_children}, but got {len(children)}.")
        if both_dicts:
            keys = self._context[1] if self.type is defaultdict else self._context
            if set(keys) != set(tree):
                missing, extra = set(keys) - set(tree), set(tree) - set(keys)
                told = f"; missing key(s): {missing}" if missing else ""
                told += f"; extra key(s): {extra}" if extra else ""
                raise ValueError(f"Node keys mismatch{told}.")
            children = [tree[key] for key in keys]
        elif self.type is not deque and context != self._context:  # the bound of a deque does not matter
            raise ValueError(
                f"Node context mismatch for {self.type!r}; expected {self._context!r}, but got {context!r}."
            )
        for spec, child in zip(self._children, children, strict=True):
            spec._flatten_up_to(child, subtrees)

    def unflatten(self, leaves: Iterable[Any]) -> Any:
        """The tree with these leaves."""
        leaves = leaves if isinstance(leaves, (list, tuple)) else list(leaves)
        if len(leaves) != self.num_leaves:
            raise ValueError(
                f"treespec.unflatten(leaves): `leaves` has length {len(leaves)} but the spec refers to a pytree that "
                f"holds {self.num_leaves} items ({self})."
            )
        return self._build(iter(leaves))

    def _build(self, leaves: Iterator[Any]) -> Any:
        if self.is_leaf():
            return next(leaves)
        return SUPPORTED_NODES[self.type].unflatten_fn(
            [child._build(leaves) for child in self._children], self._context
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TreeSpec):
            return NotImplemented
        return (
            self.type is other.type
            and self.num_leaves == other.num_leaves
            and self._context == other._context
            and self._children == other._children
        )

    def __hash__(self) -> int:
        return hash((self.type, tuple(self._children)))  # a context may have no hash

    def __repr__(self) -> str:
        return self._represent(0)

    def _represent(self, indent: int) -> str:
        if self.is_leaf():
            return "*"
        children = f",\n{' ' * (indent + 2)}".join(child._represent(indent + 2) for child in self._children)
        return f"TreeSpec({self.type.__name__}, {self._context}, [{children}])"

    def __reduce__(self) -> Any:
        return (TreeSpec, (self.type, self._context, self._children))


PyTreeSpec = TreeSpec


class LeafSpec(TreeSpec):
    """The specification of one leaf."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(None, None, [])

    def __reduce__(self) -> Any:
        return (LeafSpec, ())


_LEAF = LeafSpec()


def treespec_leaf() -> LeafSpec:
    """The specification of one leaf."""
    return _LEAF


def treespec_tuple(iterable: Iterable[TreeSpec] = (), /) -> TreeSpec:
    """The specification of a tuple of trees."""
    return TreeSpec(tuple, None, list(iterable))


def treespec_dict(mapping: Any = (), /, **kwargs: TreeSpec) -> TreeSpec:
    """The specification of a dict of trees."""
    specs = dict(mapping, **kwargs)
    return TreeSpec(dict, list(specs), list(specs.values()))


# ---- from trees to leaves and back ----


def _flatten(tree: Any, leaves: list[Any], is_leaf: IsLeaf) -> TreeSpec:
    kind = _get_node_type(tree)
    node = SUPPORTED_NODES.get(kind)
    if node is None or (is_leaf is not None and is_leaf(tree)):
        leaves.append(tree)
        return _LEAF
    children, context = node.flatten_fn(tree)
    return TreeSpec(kind, context, [_flatten(child, leaves, is_leaf) for child in children])


def tree_flatten(tree: Any, is_leaf: IsLeaf = None) -> tuple[list[Any], TreeSpec]:
    """The leaves of a tree, from left to right, and its specification.

    Args:
        tree: nested containers.
        is_leaf: also a leaf is that of which this is true. Default: nothing else.

    Example:
        >>> from ember.utils import _pytree
        >>> leaves, spec = _pytree.tree_flatten({"a": 1, "b": [2, 3]})
        >>> leaves, _pytree.tree_unflatten([10, 20, 30], spec)
        ([1, 2, 3], {'a': 10, 'b': [20, 30]})
    """
    leaves: list[Any] = []
    spec = _flatten(tree, leaves, is_leaf)
    return leaves, spec


def tree_unflatten(leaves: Iterable[Any], treespec: TreeSpec) -> Any:
    """The tree of a specification with these leaves."""
    if not isinstance(treespec, TreeSpec):
        raise TypeError(f"Expected `treespec` to be an instance of PyTreeSpec but got item of type {type(treespec)}.")
    return treespec.unflatten(leaves)


def tree_iter(tree: Any, is_leaf: IsLeaf = None) -> Iterable[Any]:
    """The leaves of a tree, one by one."""
    if tree_is_leaf(tree, is_leaf):
        yield tree
    else:
        for child in SUPPORTED_NODES[_get_node_type(tree)].flatten_fn(tree)[0]:
            yield from tree_iter(child, is_leaf)


def tree_leaves(tree: Any, is_leaf: IsLeaf = None) -> list[Any]:
    """The leaves of a tree, from left to right."""
    return list(tree_iter(tree, is_leaf))


def tree_structure(tree: Any, is_leaf: IsLeaf = None) -> TreeSpec:
    """The specification of a tree."""
    return tree_flatten(tree, is_leaf)[1]


def arg_tree_leaves(*args: Any, **kwargs: Any) -> list[Any]:
    """The leaves of a call's arguments."""
    return [leaf for tree in (*args, *kwargs.values()) for leaf in tree_iter(tree)]


def tree_map(func: Callable[..., Any], tree: Any, *rests: Any, is_leaf: IsLeaf = None) -> Any:
    """The tree of the results of `func` on each leaf, and on what stands there in the `rests`.

    Example:
        >>> from ember.utils import _pytree
        >>> _pytree.tree_map(lambda x, y: x + y, {"a": 1, "b": (2,)}, {"a": 10, "b": (20,)})
        {'a': 11, 'b': (22,)}
    """
    leaves, spec = tree_flatten(tree, is_leaf)
    return spec.unflatten(list(map(func, leaves, *[spec.flatten_up_to(rest) for rest in rests])))


def tree_map_(func: Callable[..., Any], tree: Any, *rests: Any, is_leaf: IsLeaf = None) -> Any:
    """Call `func` on each leaf as `tree_map` does, for what it does to it; returns `tree`."""
    tree_map(func, tree, *rests, is_leaf=is_leaf)
    return tree


def map_only(type_or_types_or_pred: Any, /) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """A decorator: the function is called with what is of the types, or fulfils the predicate; the rest stays."""
    if isinstance(type_or_types_or_pred, (type, tuple, types.UnionType)):

        def chosen(leaf: Any) -> bool:
            return isinstance(leaf, type_or_types_or_pred)

    elif callable(type_or_types_or_pred):
        chosen = type_or_types_or_pred
    else:
        raise TypeError("Argument must be a type, a tuple of types, or a callable.")
    return lambda func: lambda leaf: func(leaf) if chosen(leaf) else leaf


def tree_map_only(type_or_types_or_pred: Any, /, func: Callable[[Any], Any], tree: Any, is_leaf: IsLeaf = None) -> Any:
    """`tree_map` over the leaves that are of the types, or fulfil the predicate; the others stay."""
    return tree_map(map_only(type_or_types_or_pred)(func), tree, is_leaf=is_leaf)


def tree_map_only_(type_or_types_or_pred: Any, /, func: Callable[[Any], Any], tree: Any, is_leaf: IsLeaf = None) -> Any:
    """`tree_map_` over the leaves that are of the types, or fulfil the predicate; returns `tree`."""
    return tree_map_(map_only(type_or_types_or_pred)(func), tree, is_leaf=is_leaf)


def tree_all(pred: Callable[[Any], bool], tree: Any, is_leaf: IsLeaf = None) -> bool:
    """Whether `pred` is true of every leaf."""
    return all(map(pred, tree_iter(tree, is_leaf)))


def tree_any(pred: Callable[[Any], bool], tree: Any, is_leaf: IsLeaf = None) -> bool:
    """Whether `pred` is true of a leaf."""
    return any(map(pred, tree_iter(tree, is_leaf)))


def tree_all_only(type_or_types: Any, /, pred: Callable[[Any], bool], tree: Any, is_leaf: IsLeaf = None) -> bool:
    """Whether `pred` is true of every leaf of the types."""
    return all(pred(leaf) for leaf in tree_iter(tree, is_leaf) if isinstance(leaf, type_or_types))


def tree_any_only(type_or_types: Any, /, pred: Callable[[Any], bool], tree: Any, is_leaf: IsLeaf = None) -> bool:
    """Whether `pred` is true of a leaf of the types."""
    return any(pred(leaf) for leaf in tree_iter(tree, is_leaf) if isinstance(leaf, type_or_types))


def _broadcast_to_and_flatten(tree: Any, treespec: TreeSpec, is_leaf: IsLeaf = None) -> list[Any] | None:
    """A leaf of `tree` once for each leaf of the specification below it; None where they do not fit."""
    if tree_is_leaf(tree, is_leaf):
        return [tree] * treespec.num_leaves
    kind = _get_node_type(tree)
    if treespec.is_leaf() or kind is not treespec.type:
        return None
    children, context = SUPPORTED_NODES[kind].flatten_fn(tree)
    if len(children) != treespec.num_children or context != treespec.context:
        return None
    parts = [_broadcast_to_and_flatten(*each, is_leaf) for each in zip(children, treespec.children(), strict=True)]
    return None if any(part is None for part in parts) else list(itertools.chain(*parts))  # type: ignore[arg-type]


# ---- with the path of each leaf ----


def _paths(tree: Any, path: KeyPath, is_leaf: IsLeaf) -> Iterator[tuple[KeyPath, Any]]:
    if tree_is_leaf(tree, is_leaf):
        yield path, tree
        return
    node = SUPPORTED_NODES[_get_node_type(tree)]
    if node.flatten_with_keys_fn is None:
        raise ValueError(
            f"Did not find a flatten_with_keys_fn for type: {node.type}. Please pass a flatten_with_keys_fn argument "
            "to register_pytree_node."
        )
    for key, child in node.flatten_with_keys_fn(tree)[0]:
        yield from _paths(child, (*path, key), is_leaf)


def tree_leaves_with_path(tree: Any, is_leaf: IsLeaf = None) -> list[tuple[KeyPath, Any]]:
    """The leaves, each with the keys that lead to it."""
    return list(_paths(tree, (), is_leaf))


def tree_flatten_with_path(tree: Any, is_leaf: IsLeaf = None) -> tuple[list[tuple[KeyPath, Any]], TreeSpec]:
    """The leaves, each with the keys that lead to it, and the specification.

    Example:
        >>> from ember.utils import _pytree
        >>> [(_pytree.keystr(path), leaf) for path, leaf in _pytree.tree_flatten_with_path({"a": [5, 6]})[0]]
        [("['a'][0]", 5), ("['a'][1]", 6)]
    """
    return tree_leaves_with_path(tree, is_leaf), tree_structure(tree, is_leaf)


def tree_map_with_path(func: Callable[..., Any], tree: Any, *rests: Any, is_leaf: IsLeaf = None) -> Any:
    """`tree_map` with a `func` that is given the keys that lead to a leaf before the leaf."""
    leaves, spec = tree_flatten_with_path(tree, is_leaf)
    paths, values = zip(*leaves, strict=True) if leaves else ((), ())
    return spec.unflatten(list(map(func, paths, values, *[spec.flatten_up_to(rest) for rest in rests])))


# ---- types of containers ----


def register_pytree_node(
    cls: type[Any],
    flatten_fn: Callable[[Any], tuple[list[Any], Any]],
    unflatten_fn: Callable[[Iterable[Any], Any], Any],
    *,
    serialized_type_name: str | None = None,
    to_dumpable_context: Callable[[Any], Any] | None = None,
    from_dumpable_context: Callable[[Any], Any] | None = None,
    flatten_with_keys_fn: Callable[[Any], tuple[list[tuple[KeyEntry, Any]], Any]] | None = None,
) -> None:
    """Make a class one of containers.

    Args:
        cls: the class itself; classes that derive from it stay leaves.
        flatten_fn: from an object to (children, context).
        unflatten_fn: from (children, context) to an object.
        serialized_type_name: its name in :func:`treespec_dumps`.
        to_dumpable_context, from_dumpable_context: between a context and what JSON can hold.
        flatten_with_keys_fn: from an object to (pairs of a key and a child, context).

    Raises:
        ValueError: the class is one already.
    """
    from ._pytree_json import register_name

    if cls in SUPPORTED_NODES:
        raise ValueError(f"{cls} is already registered as pytree node.")
    if (to_dumpable_context is None) != (from_dumpable_context is None):
        raise ValueError(f"Both to_dumpable_context and from_dumpable_context for {cls} must be None or registered.")
    SUPPORTED_NODES[cls] = NodeDef(cls, flatten_fn, unflatten_fn, flatten_with_keys_fn)
    register_name(cls, serialized_type_name, to_dumpable_context, from_dumpable_context)


_register_pytree_node = _private_register_pytree_node = register_pytree_node


def _deregister_pytree_node(cls: type[Any]) -> None:
    from ._pytree_json import forget_name

    del SUPPORTED_NODES[cls]
    forget_name(cls)


def register_dataclass(
    cls: type[Any],
    *,
    field_names: list[str] | None = None,
    drop_field_names: list[str] | None = None,
    serialized_type_name: str | None = None,
) -> None:
    """Make a dataclass one of containers; its children are its fields.

    Args:
        cls: the class.
        field_names: the fields. Default: all that ``__init__`` takes.
        drop_field_names: fields that are left out, which need a default.
        serialized_type_name: its name in :func:`treespec_dumps`.
    """
    if not dataclasses.is_dataclass(cls):
        raise ValueError(f"register_dataclass(): {cls} is not a dataclass.")
    dropped = set(drop_field_names or ())
    names = field_names or [field.name for field in dataclasses.fields(cls) if field.init and field.name not in dropped]

    def flatten(obj: Any) -> tuple[list[Any], Any]:
        # Fields that are None are no children.
        there = [name for name in names if getattr(obj, name) is not None]
        return [getattr(obj, name) for name in there], [there, [name for name in names if name not in there]]

    def unflatten(children: Iterable[Any], context: Any) -> Any:
        there, absent = context
        return cls(**dict(zip(there, children, strict=True)), **dict.fromkeys(absent))

    def with_keys(obj: Any) -> tuple[list[tuple[KeyEntry, Any]], Any]:
        children, context = flatten(obj)
        return [(GetAttrKey(name), child) for name, child in zip(context[0], children, strict=True)], context

    register_pytree_node(
        cls, flatten, unflatten, serialized_type_name=serialized_type_name, flatten_with_keys_fn=with_keys
    )


def _register_namedtuple(cls: type[Any], *, serialized_type_name: str) -> None:
    """Give a class of named tuples, which are containers already, a name in `treespec_dumps`."""
    from ._pytree_json import register_namedtuple_name

    register_namedtuple_name(cls, serialized_type_name)


def _list_flatten(obj: Any) -> tuple[list[Any], Any]:
    return list(obj), None


def _list_flatten_with_keys(obj: Any) -> tuple[list[tuple[KeyEntry, Any]], Any]:
    return [(SequenceKey(index), child) for index, child in enumerate(obj)], None


def _list_unflatten(values: Iterable[Any], context: Any) -> list[Any]:
    return list(values)


def _dict_flatten(d: Any) -> tuple[list[Any], Any]:
    return list(d.values()), list(d)


def _dict_flatten_with_keys(d: Any) -> tuple[list[tuple[KeyEntry, Any]], Any]:
    return [(MappingKey(key), child) for key, child in d.items()], list(d)


def _dict_unflatten(values: Iterable[Any], context: Any) -> dict[Any, Any]:
    return dict(zip(context, values, strict=True))


def _namedtuple_with_keys(obj: Any) -> tuple[list[tuple[KeyEntry, Any]], Any]:
    return [(GetAttrKey(name), child) for name, child in zip(obj._fields, obj, strict=True)], type(obj)


_DICTS = (dict, OrderedDict, defaultdict)
for _node in (
    NodeDef(tuple, _list_flatten, lambda children, context: tuple(children), _list_flatten_with_keys),
    NodeDef(list, _list_flatten, _list_unflatten, _list_flatten_with_keys),
    NodeDef(dict, _dict_flatten, _dict_unflatten, _dict_flatten_with_keys),
    NodeDef(
        namedtuple, lambda obj: (list(obj), type(obj)), lambda children, kind: kind(*children), _namedtuple_with_keys
    ),
    NodeDef(
        OrderedDict, _dict_flatten, lambda v, keys: OrderedDict(zip(keys, v, strict=True)), _dict_flatten_with_keys
    ),
    NodeDef(
        defaultdict,
        lambda obj: (list(obj.values()), [obj.default_factory, list(obj)]),
        lambda values, context: defaultdict(context[0], zip(context[1], values, strict=True)),
        lambda obj: (_dict_flatten_with_keys(obj)[0], [obj.default_factory, list(obj)]),
    ),
    NodeDef(
        deque,
        lambda obj: (list(obj), obj.maxlen),
        lambda children, bound: deque(children, maxlen=bound),
        lambda obj: (_list_flatten_with_keys(obj)[0], obj.maxlen),
    ),
    NodeDef(_C.Size, _list_flatten, lambda children, context: _C.Size(children), _list_flatten_with_keys),
):
    SUPPORTED_NODES[_node.type] = _node

BUILTIN_TYPES = frozenset(SUPPORTED_NODES) - {_C.Size}
STANDARD_DICT_TYPES = frozenset(_DICTS)


def treespec_dumps(treespec: TreeSpec, protocol: int | None = None) -> str:
    """A specification as JSON, in PyTorch's form."""
    from ._pytree_json import dumps

    return dumps(treespec, protocol)


def treespec_loads(serialized: str) -> TreeSpec:
    """The specification that `treespec_dumps` has written."""
    from ._pytree_json import loads

    return loads(serialized)


def treespec_pprint(treespec: TreeSpec) -> str:
    """A specification as the tree looks, with ``*`` for each leaf."""

    class Star:
        def __repr__(self) -> str:
            return "*"

    return repr(treespec.unflatten([Star()] * treespec.num_leaves))
