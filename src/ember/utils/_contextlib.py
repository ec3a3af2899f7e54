"""PyTorch's private module of context managers that decorate functions; packages derive theirs from them."""

from .._contexts import _DecoratorContextManager as _DecoratorContextManager
from .._contexts import _NoParamDecoratorContextManager as _NoParamDecoratorContextManager
