"""Written by tools/write_stubs.py: all names of ember."""

from . import _C as _C
from . import __config__ as __config__
from . import _absent as _absent
from . import _autocast as _autocast
from . import _composite as _composite
from . import _contexts as _contexts
from . import _dynamo as _dynamo
from . import _layout as _layout
from . import _number_info as _number_info
from . import _rebuild as _rebuild
from . import _tensor as _tensor
from . import _tensor_str as _tensor_str
from . import _torch_function as _torch_function
from . import _torch_private as _torch_private
from . import _utils as _utils
from . import _waiting as _waiting
from . import accelerator as accelerator
from . import amp as amp
from . import ao as ao
from . import autograd as autograd
from . import backends as backends
from . import compiler as compiler
from . import cpu as cpu
from . import cuda as cuda
from . import distributed as distributed
from . import distributions as distributions
from . import export as export
from . import fft as fft
from . import func as func
from . import functional as functional
from . import futures as futures
from . import fx as fx
from . import hub as hub
from . import jit as jit
from . import library as library
from . import linalg as linalg
from . import mps as mps
from . import mtia as mtia
from . import multiprocessing as multiprocessing
from . import nested as nested
from . import nn as nn
from . import onnx as onnx
from . import ops as ops
from . import optim as optim
from . import overrides as overrides
from . import profiler as profiler
from . import quasirandom as quasirandom
from . import random as random
from . import return_types as return_types
from . import serialization as serialization
from . import settings as settings
from . import signal as signal
from . import sparse as sparse
from . import special as special
from . import storage as storage
from . import testing as testing
from . import torch_version as torch_version
from . import types as types
from . import utils as utils
from . import version as version
from . import xpu as xpu
from builtins import float as _float
from collections.abc import Sequence as Sequence
from ember._C import Generator as Generator
from ember._C import OutOfMemoryError as OutOfMemoryError
from ember._C import Size as Size
from ember._C import Tensor as Tensor
from ember._C import device as device
from ember._C import dtype as dtype
from ember._C import get_default_device as get_default_device
from ember._C import get_default_dtype as get_default_dtype
from ember._C import get_num_threads as get_num_threads
from ember._C import is_grad_enabled as is_grad_enabled
from ember._C import is_inference_mode_enabled as is_inference_mode_enabled
from ember._C import set_num_threads as set_num_threads
from ember._drop_in import drop_in as drop_in
from ember._layout import channels_last as channels_last
from ember._layout import channels_last_3d as channels_last_3d
from ember._layout import contiguous_format as contiguous_format
from ember._layout import jagged as jagged
from ember._layout import layout as layout
from ember._layout import legacy_contiguous_format as legacy_contiguous_format
from ember._layout import memory_format as memory_format
from ember._layout import preserve_format as preserve_format
from ember._layout import sparse_bsc as sparse_bsc
from ember._layout import sparse_bsr as sparse_bsr
from ember._layout import sparse_coo as sparse_coo
from ember._layout import sparse_csc as sparse_csc
from ember._layout import sparse_csr as sparse_csr
from ember._layout import strided as strided
from ember._number_info import finfo as finfo
from ember._number_info import iinfo as iinfo
from ember._streams import Event as Event
from ember._streams import Stream as Stream
from ember._stubs.ops import _dirichlet_grad as _dirichlet_grad
from ember._stubs.ops import _sample_dirichlet as _sample_dirichlet
from ember._stubs.ops import _standard_gamma as _standard_gamma
from ember._stubs.ops import _standard_gamma_grad as _standard_gamma_grad
from ember._stubs.ops import abs as abs
from ember._stubs.ops import abs as absolute
from ember._stubs.ops import abs_ as abs_
from ember._stubs.ops import abs_ as absolute_
from ember._stubs.ops import acos as acos
from ember._stubs.ops import acos as arccos
from ember._stubs.ops import acos_ as acos_
from ember._stubs.ops import acos_ as arccos_
from ember._stubs.ops import acosh as acosh
from ember._stubs.ops import acosh as arccosh
from ember._stubs.ops import acosh_ as acosh_
from ember._stubs.ops import acosh_ as arccosh_
from ember._stubs.ops import adaptive_avg_pool1d as adaptive_avg_pool1d
from ember._stubs.ops import add as add
from ember._stubs.ops import add_ as add_
from ember._stubs.ops import addcdiv as addcdiv
from ember._stubs.ops import addcdiv_ as addcdiv_
from ember._stubs.ops import addcmul as addcmul
from ember._stubs.ops import addcmul_ as addcmul_
from ember._stubs.ops import addmm as addmm
from ember._stubs.ops import addmm_ as addmm_
from ember._stubs.ops import all as all
from ember._stubs.ops import amax as amax
from ember._stubs.ops import amin as amin
from ember._stubs.ops import aminmax as aminmax
from ember._stubs.ops import any as any
from ember._stubs.ops import argmax as argmax
from ember._stubs.ops import argmin as argmin
from ember._stubs.ops import as_strided as as_strided
from ember._stubs.ops import asin as arcsin
from ember._stubs.ops import asin as asin
from ember._stubs.ops import asin_ as arcsin_
from ember._stubs.ops import asin_ as asin_
from ember._stubs.ops import asinh as arcsinh
from ember._stubs.ops import asinh as asinh
from ember._stubs.ops import asinh_ as arcsinh_
from ember._stubs.ops import asinh_ as asinh_
from ember._stubs.ops import atan as arctan
from ember._stubs.ops import atan as atan
from ember._stubs.ops import atan2 as arctan2
from ember._stubs.ops import atan2 as atan2
from ember._stubs.ops import atan2_ as arctan2_
from ember._stubs.ops import atan2_ as atan2_
from ember._stubs.ops import atan_ as arctan_
from ember._stubs.ops import atan_ as atan_
from ember._stubs.ops import atanh as arctanh
from ember._stubs.ops import atanh as atanh
from ember._stubs.ops import atanh_ as arctanh_
from ember._stubs.ops import atanh_ as atanh_
from ember._stubs.ops import avg_pool1d as avg_pool1d
from ember._stubs.ops import baddbmm as baddbmm
from ember._stubs.ops import baddbmm_ as baddbmm_
from ember._stubs.ops import binomial as binomial
from ember._stubs.ops import bitwise_and as bitwise_and
from ember._stubs.ops import bitwise_and_ as bitwise_and_
from ember._stubs.ops import bitwise_left_shift as bitwise_left_shift
from ember._stubs.ops import bitwise_left_shift_ as bitwise_left_shift_
from ember._stubs.ops import bitwise_not_ as bitwise_not_
from ember._stubs.ops import bitwise_or as bitwise_or
from ember._stubs.ops import bitwise_or_ as bitwise_or_
from ember._stubs.ops import bitwise_right_shift as bitwise_right_shift
from ember._stubs.ops import bitwise_right_shift_ as bitwise_right_shift_
from ember._stubs.ops import bitwise_xor as bitwise_xor
from ember._stubs.ops import bitwise_xor_ as bitwise_xor_
from ember._stubs.ops import bmm as bmm
from ember._stubs.ops import cat as cat
from ember._stubs.ops import cat as concat
from ember._stubs.ops import cat as concatenate
from ember._stubs.ops import ceil as ceil
from ember._stubs.ops import ceil_ as ceil_
from ember._stubs.ops import celu as celu
from ember._stubs.ops import celu_ as celu_
from ember._stubs.ops import channel_shuffle as channel_shuffle
from ember._stubs.ops import chunk as chunk
from ember._stubs.ops import clamp_max as clamp_max
from ember._stubs.ops import clamp_max_ as clamp_max_
from ember._stubs.ops import clamp_min as clamp_min
from ember._stubs.ops import clamp_min_ as clamp_min_
from ember._stubs.ops import clone as clone
from ember._stubs.ops import conj as conj
from ember._stubs.ops import conj as conj_physical
from ember._stubs.ops import constant_pad_nd as constant_pad_nd
from ember._stubs.ops import copy as copy
from ember._stubs.ops import copy_ as copy_
from ember._stubs.ops import copysign as copysign
from ember._stubs.ops import copysign_ as copysign_
from ember._stubs.ops import cos as cos
from ember._stubs.ops import cos_ as cos_
from ember._stubs.ops import cosh as cosh
from ember._stubs.ops import cosh_ as cosh_
from ember._stubs.ops import cummax as cummax
from ember._stubs.ops import cummin as cummin
from ember._stubs.ops import cumprod as cumprod
from ember._stubs.ops import cumsum as cumsum
from ember._stubs.ops import deg2rad as deg2rad
from ember._stubs.ops import deg2rad_ as deg2rad_
from ember._stubs.ops import diagonal as diagonal
from ember._stubs.ops import digamma as digamma
from ember._stubs.ops import digamma_ as digamma_
from ember._stubs.ops import eq as eq
from ember._stubs.ops import eq_ as eq_
from ember._stubs.ops import erf as erf
from ember._stubs.ops import erf_ as erf_
from ember._stubs.ops import erfc as erfc
from ember._stubs.ops import erfc_ as erfc_
from ember._stubs.ops import erfinv as erfinv
from ember._stubs.ops import erfinv_ as erfinv_
from ember._stubs.ops import exp as exp
from ember._stubs.ops import exp2 as exp2
from ember._stubs.ops import exp2_ as exp2_
from ember._stubs.ops import exp_ as exp_
from ember._stubs.ops import expm1 as expm1
from ember._stubs.ops import expm1_ as expm1_
from ember._stubs.ops import fill as fill
from ember._stubs.ops import fill_ as fill_
from ember._stubs.ops import flatten as flatten
from ember._stubs.ops import flip as flip
from ember._stubs.ops import floor as floor
from ember._stubs.ops import floor_ as floor_
from ember._stubs.ops import floor_divide as floor_divide
from ember._stubs.ops import floor_divide_ as floor_divide_
from ember._stubs.ops import fmax as fmax
from ember._stubs.ops import fmax_ as fmax_
from ember._stubs.ops import fmin as fmin
from ember._stubs.ops import fmin_ as fmin_
from ember._stubs.ops import fmod as fmod
from ember._stubs.ops import fmod_ as fmod_
from ember._stubs.ops import frac as frac
from ember._stubs.ops import frac_ as frac_
from ember._stubs.ops import gather as gather
from ember._stubs.ops import ge as ge
from ember._stubs.ops import ge as greater_equal
from ember._stubs.ops import ge_ as ge_
from ember._stubs.ops import ge_ as greater_equal_
from ember._stubs.ops import gt as greater
from ember._stubs.ops import gt as gt
from ember._stubs.ops import gt_ as greater_
from ember._stubs.ops import gt_ as gt_
from ember._stubs.ops import hardshrink as hardshrink
from ember._stubs.ops import hardshrink_ as hardshrink_
from ember._stubs.ops import hypot as hypot
from ember._stubs.ops import hypot_ as hypot_
from ember._stubs.ops import i0 as i0
from ember._stubs.ops import imag as imag
from ember._stubs.ops import index_add as index_add
from ember._stubs.ops import index_add_ as index_add_
from ember._stubs.ops import index_copy as index_copy
from ember._stubs.ops import index_copy_ as index_copy_
from ember._stubs.ops import index_fill as index_fill
from ember._stubs.ops import index_fill_ as index_fill_
from ember._stubs.ops import index_put as index_put
from ember._stubs.ops import index_put_ as index_put_
from ember._stubs.ops import index_select as index_select
from ember._stubs.ops import isfinite as isfinite
from ember._stubs.ops import isfinite_ as isfinite_
from ember._stubs.ops import isinf as isinf
from ember._stubs.ops import isinf_ as isinf_
from ember._stubs.ops import isnan as isnan
from ember._stubs.ops import isnan_ as isnan_
from ember._stubs.ops import isneginf as isneginf
from ember._stubs.ops import isneginf_ as isneginf_
from ember._stubs.ops import isposinf as isposinf
from ember._stubs.ops import isposinf_ as isposinf_
from ember._stubs.ops import kthvalue as kthvalue
from ember._stubs.ops import layer_norm as layer_norm
from ember._stubs.ops import le as le
from ember._stubs.ops import le as less_equal
from ember._stubs.ops import le_ as le_
from ember._stubs.ops import le_ as less_equal_
from ember._stubs.ops import lerp as lerp
from ember._stubs.ops import lerp_ as lerp_
from ember._stubs.ops import lgamma as lgamma
from ember._stubs.ops import lgamma_ as lgamma_
from ember._stubs.ops import log as log
from ember._stubs.ops import log10 as log10
from ember._stubs.ops import log10_ as log10_
from ember._stubs.ops import log1p as log1p
from ember._stubs.ops import log1p_ as log1p_
from ember._stubs.ops import log2 as log2
from ember._stubs.ops import log2_ as log2_
from ember._stubs.ops import log_ as log_
from ember._stubs.ops import log_softmax as log_softmax
from ember._stubs.ops import logaddexp as logaddexp
from ember._stubs.ops import logaddexp_ as logaddexp_
from ember._stubs.ops import logcumsumexp as logcumsumexp
from ember._stubs.ops import logical_and as logical_and
from ember._stubs.ops import logical_and_ as logical_and_
from ember._stubs.ops import logical_not as logical_not
from ember._stubs.ops import logical_not_ as logical_not_
from ember._stubs.ops import logical_or as logical_or
from ember._stubs.ops import logical_or_ as logical_or_
from ember._stubs.ops import logical_xor as logical_xor
from ember._stubs.ops import logical_xor_ as logical_xor_
from ember._stubs.ops import lt as less
from ember._stubs.ops import lt as lt
from ember._stubs.ops import lt_ as less_
from ember._stubs.ops import lt_ as lt_
from ember._stubs.ops import masked_fill as masked_fill
from ember._stubs.ops import masked_fill_ as masked_fill_
from ember._stubs.ops import masked_scatter as masked_scatter
from ember._stubs.ops import masked_scatter_ as masked_scatter_
from ember._stubs.ops import masked_select as masked_select
from ember._stubs.ops import matmul as matmul
from ember._stubs.ops import max_pool1d as max_pool1d
from ember._stubs.ops import max_pool1d_with_indices as max_pool1d_with_indices
from ember._stubs.ops import max_pool2d as max_pool2d
from ember._stubs.ops import max_pool3d as max_pool3d
from ember._stubs.ops import maximum as maximum
from ember._stubs.ops import maximum_ as maximum_
from ember._stubs.ops import mean as mean
from ember._stubs.ops import minimum as minimum
from ember._stubs.ops import minimum_ as minimum_
from ember._stubs.ops import mm as mm
from ember._stubs.ops import mode as mode
from ember._stubs.ops import movedim as moveaxis
from ember._stubs.ops import movedim as movedim
from ember._stubs.ops import mul as mul
from ember._stubs.ops import mul as multiply
from ember._stubs.ops import mul_ as mul_
from ember._stubs.ops import mul_ as multiply_
from ember._stubs.ops import multinomial as multinomial
from ember._stubs.ops import nansum as nansum
from ember._stubs.ops import narrow as narrow
from ember._stubs.ops import native_channel_shuffle as native_channel_shuffle
from ember._stubs.ops import ne as ne
from ember._stubs.ops import ne as not_equal
from ember._stubs.ops import ne_ as ne_
from ember._stubs.ops import ne_ as not_equal_
from ember._stubs.ops import neg as neg
from ember._stubs.ops import neg as negative
from ember._stubs.ops import neg_ as neg_
from ember._stubs.ops import neg_ as negative_
from ember._stubs.ops import permute as permute
from ember._stubs.ops import pixel_shuffle as pixel_shuffle
from ember._stubs.ops import pixel_unshuffle as pixel_unshuffle
from ember._stubs.ops import poisson as poisson
from ember._stubs.ops import prod as prod
from ember._stubs.ops import rad2deg as rad2deg
from ember._stubs.ops import rad2deg_ as rad2deg_
from ember._stubs.ops import real as real
from ember._stubs.ops import reciprocal as reciprocal
from ember._stubs.ops import reciprocal_ as reciprocal_
from ember._stubs.ops import relu as relu
from ember._stubs.ops import relu_ as relu_
from ember._stubs.ops import remainder as remainder
from ember._stubs.ops import remainder_ as remainder_
from ember._stubs.ops import reshape as reshape
from ember._stubs.ops import rms_norm as rms_norm
from ember._stubs.ops import roll as roll
from ember._stubs.ops import rsqrt as rsqrt
from ember._stubs.ops import rsqrt_ as rsqrt_
from ember._stubs.ops import rsub as rsub
from ember._stubs.ops import rsub_ as rsub_
from ember._stubs.ops import scatter as scatter
from ember._stubs.ops import scatter_ as scatter_
from ember._stubs.ops import scatter_add as scatter_add
from ember._stubs.ops import scatter_add_ as scatter_add_
from ember._stubs.ops import scatter_reduce as scatter_reduce
from ember._stubs.ops import scatter_reduce_ as scatter_reduce_
from ember._stubs.ops import select as select
from ember._stubs.ops import selu as selu
from ember._stubs.ops import selu_ as selu_
from ember._stubs.ops import sigmoid as sigmoid
from ember._stubs.ops import sigmoid_ as sigmoid_
from ember._stubs.ops import sign as sign
from ember._stubs.ops import sign_ as sign_
from ember._stubs.ops import signbit as signbit
from ember._stubs.ops import signbit_ as signbit_
from ember._stubs.ops import sin as sin
from ember._stubs.ops import sin_ as sin_
from ember._stubs.ops import sinc as sinc
from ember._stubs.ops import sinc_ as sinc_
from ember._stubs.ops import sinh as sinh
from ember._stubs.ops import sinh_ as sinh_
from ember._stubs.ops import softmax as softmax
from ember._stubs.ops import sort as sort
from ember._stubs.ops import split as split
from ember._stubs.ops import split_with_sizes as split_with_sizes
from ember._stubs.ops import sqrt as sqrt
from ember._stubs.ops import sqrt_ as sqrt_
from ember._stubs.ops import square as square
from ember._stubs.ops import square_ as square_
from ember._stubs.ops import squeeze as squeeze
from ember._stubs.ops import stack as stack
from ember._stubs.ops import sub as sub
from ember._stubs.ops import sub as subtract
from ember._stubs.ops import sub_ as sub_
from ember._stubs.ops import sub_ as subtract_
from ember._stubs.ops import sum as sum
from ember._stubs.ops import t as t
from ember._stubs.ops import tan as tan
from ember._stubs.ops import tan_ as tan_
from ember._stubs.ops import tanh as tanh
from ember._stubs.ops import tanh_ as tanh_
from ember._stubs.ops import threshold as threshold
from ember._stubs.ops import threshold_ as threshold_
from ember._stubs.ops import topk as topk
from ember._stubs.ops import transpose as swapaxes
from ember._stubs.ops import transpose as swapdims
from ember._stubs.ops import transpose as transpose
from ember._stubs.ops import tril as tril
from ember._stubs.ops import tril_ as tril_
from ember._stubs.ops import triu as triu
from ember._stubs.ops import triu_ as triu_
from ember._stubs.ops import trunc as fix
from ember._stubs.ops import trunc as trunc
from ember._stubs.ops import trunc_ as fix_
from ember._stubs.ops import trunc_ as trunc_
from ember._stubs.ops import unbind as unbind
from ember._stubs.ops import unflatten as unflatten
from ember._stubs.ops import unsqueeze as unsqueeze
from ember._stubs.ops import view_as_complex as view_as_complex
from ember._stubs.ops import view_as_real as view_as_real
from ember._stubs.ops import zero as zero
from ember._stubs.ops import zero_ as zero_
from ember._summary import summary as summary
from ember._symbolic import SymBool as SymBool
from ember._symbolic import SymFloat as SymFloat
from ember._symbolic import SymInt as SymInt
from ember._symbolic import _assert_async as _assert_async
from ember._symbolic import _check as _check
from ember._symbolic import _check_index as _check_index
from ember._symbolic import _check_is_size as _check_is_size
from ember._symbolic import _check_not_implemented as _check_not_implemented
from ember._symbolic import _check_tensor_all as _check_tensor_all
from ember._symbolic import _check_tensor_all_with as _check_tensor_all_with
from ember._symbolic import _check_type as _check_type
from ember._symbolic import _check_value as _check_value
from ember._symbolic import _check_with as _check_with
from ember._symbolic import _shape_as_tensor as _shape_as_tensor
from ember._symbolic import sym_float as sym_float
from ember._symbolic import sym_int as sym_int
from ember._symbolic import sym_ite as sym_ite
from ember._symbolic import sym_max as sym_max
from ember._symbolic import sym_min as sym_min
from ember._symbolic import sym_not as sym_not
from ember._symbolic import sym_sqrt as sym_sqrt
from ember._symbolic import sym_sum as sym_sum
from ember._tensor_str import set_printoptions as set_printoptions
from ember.amp.autocast_mode import autocast as autocast
from ember.amp.autocast_mode import autocast_decrement_nesting as autocast_decrement_nesting
from ember.amp.autocast_mode import autocast_increment_nesting as autocast_increment_nesting
from ember.amp.autocast_mode import clear_autocast_cache as clear_autocast_cache
from ember.amp.autocast_mode import get_autocast_cpu_dtype as get_autocast_cpu_dtype
from ember.amp.autocast_mode import get_autocast_dtype as get_autocast_dtype
from ember.amp.autocast_mode import get_autocast_gpu_dtype as get_autocast_gpu_dtype
from ember.amp.autocast_mode import is_autocast_cache_enabled as is_autocast_cache_enabled
from ember.amp.autocast_mode import is_autocast_cpu_enabled as is_autocast_cpu_enabled
from ember.amp.autocast_mode import is_autocast_enabled as is_autocast_enabled
from ember.amp.autocast_mode import set_autocast_cache_enabled as set_autocast_cache_enabled
from ember.amp.autocast_mode import set_autocast_cpu_dtype as set_autocast_cpu_dtype
from ember.amp.autocast_mode import set_autocast_cpu_enabled as set_autocast_cpu_enabled
from ember.amp.autocast_mode import set_autocast_dtype as set_autocast_dtype
from ember.amp.autocast_mode import set_autocast_enabled as set_autocast_enabled
from ember.amp.autocast_mode import set_autocast_gpu_dtype as set_autocast_gpu_dtype
from ember.autograd import enable_grad as enable_grad
from ember.autograd import inference_mode as inference_mode
from ember.autograd import no_grad as no_grad
from ember.autograd import set_grad_enabled as set_grad_enabled
from ember.autograd.anomaly_mode import debug_nans as debug_nans
from ember.compiler import compile as compile
from ember.futures import Future as Future
from ember.jit import ScriptFunction as ScriptFunction
from ember.jit import ScriptModule as ScriptModule
from ember.jit import TensorType as TensorType
from ember.nn._functional.activation import rrelu as rrelu
from ember.nn._functional.activation import rrelu_ as rrelu_
from ember.nn._functional.convolution import conv1d as conv1d
from ember.nn._functional.convolution import conv2d as conv2d
from ember.nn._functional.convolution import conv3d as conv3d
from ember.nn._functional.convolution import conv_tbc as conv_tbc
from ember.nn._functional.convolution import conv_transpose1d as conv_transpose1d
from ember.nn._functional.convolution import conv_transpose2d as conv_transpose2d
from ember.nn._functional.convolution import conv_transpose3d as conv_transpose3d
from ember.nn._functional.convolution import convolution as convolution
from ember.nn._functional.distance import cosine_similarity as cosine_similarity
from ember.nn._functional.distance import pairwise_distance as pairwise_distance
from ember.nn._functional.linear import bilinear as bilinear
from ember.nn._functional.torch_forms import alpha_dropout as alpha_dropout
from ember.nn._functional.torch_forms import alpha_dropout_ as alpha_dropout_
from ember.nn._functional.torch_forms import batch_norm as batch_norm
from ember.nn._functional.torch_forms import binary_cross_entropy_with_logits as binary_cross_entropy_with_logits
from ember.nn._functional.torch_forms import cosine_embedding_loss as cosine_embedding_loss
from ember.nn._functional.torch_forms import ctc_loss as ctc_loss
from ember.nn._functional.torch_forms import dropout as dropout
from ember.nn._functional.torch_forms import dropout_ as dropout_
from ember.nn._functional.torch_forms import embedding as embedding
from ember.nn._functional.torch_forms import embedding_renorm_ as embedding_renorm_
from ember.nn._functional.torch_forms import feature_alpha_dropout as feature_alpha_dropout
from ember.nn._functional.torch_forms import feature_alpha_dropout_ as feature_alpha_dropout_
from ember.nn._functional.torch_forms import feature_dropout as feature_dropout
from ember.nn._functional.torch_forms import feature_dropout_ as feature_dropout_
from ember.nn._functional.torch_forms import group_norm as group_norm
from ember.nn._functional.torch_forms import hinge_embedding_loss as hinge_embedding_loss
from ember.nn._functional.torch_forms import instance_norm as instance_norm
from ember.nn._functional.torch_forms import kl_div as kl_div
from ember.nn._functional.torch_forms import margin_ranking_loss as margin_ranking_loss
from ember.nn._functional.torch_forms import poisson_nll_loss as poisson_nll_loss
from ember.nn._functional.torch_forms import triplet_margin_loss as triplet_margin_loss
from ember.ops.arithmetic import allclose as allclose
from ember.ops.arithmetic import bitwise_not as bitwise_not
from ember.ops.arithmetic import clamp as clamp
from ember.ops.arithmetic import clamp as clip
from ember.ops.arithmetic import clamp_ as clip_
from ember.ops.arithmetic import diff as diff
from ember.ops.arithmetic import div as div
from ember.ops.arithmetic import div as divide
from ember.ops.arithmetic import div as true_divide
from ember.ops.arithmetic import div_ as divide_
from ember.ops.arithmetic import div_ as true_divide_
from ember.ops.arithmetic import equal as equal
from ember.ops.arithmetic import isclose as isclose
from ember.ops.arithmetic import logit as logit
from ember.ops.arithmetic import nan_to_num as nan_to_num
from ember.ops.arithmetic import pow as pow
from ember.ops.arithmetic import round as round
from ember.ops.arithmetic import where as where
from ember.ops.calculus import corrcoef as corrcoef
from ember.ops.calculus import cov as cov
from ember.ops.calculus import cumulative_trapezoid as cumulative_trapezoid
from ember.ops.calculus import gradient as gradient
from ember.ops.calculus import trapezoid as trapezoid
from ember.ops.calculus import trapz as trapz
from ember.ops.copies import block_diag as block_diag
from ember.ops.copies import cartesian_prod as cartesian_prod
from ember.ops.copies import column_stack as column_stack
from ember.ops.copies import combinations as combinations
from ember.ops.copies import complex as complex
from ember.ops.copies import diag as diag
from ember.ops.copies import diag_embed as diag_embed
from ember.ops.copies import diagflat as diagflat
from ember.ops.copies import dstack as dstack
from ember.ops.copies import fliplr as fliplr
from ember.ops.copies import flipud as flipud
from ember.ops.copies import hstack as hstack
from ember.ops.copies import meshgrid as meshgrid
from ember.ops.copies import narrow_copy as narrow_copy
from ember.ops.copies import polar as polar
from ember.ops.copies import repeat_interleave as repeat_interleave
from ember.ops.copies import rot90 as rot90
from ember.ops.copies import tile as tile
from ember.ops.copies import vstack as row_stack
from ember.ops.copies import vstack as vstack
from ember.ops.creation import arange as arange
from ember.ops.creation import empty as empty
from ember.ops.creation import empty_like as empty_like
from ember.ops.creation import empty_permuted as empty_permuted
from ember.ops.creation import empty_strided as empty_strided
from ember.ops.creation import eye as eye
from ember.ops.creation import full as full
from ember.ops.creation import full_like as full_like
from ember.ops.creation import linspace as linspace
from ember.ops.creation import logspace as logspace
from ember.ops.creation import ones as ones
from ember.ops.creation import ones_like as ones_like
from ember.ops.creation import range as range
from ember.ops.creation import scalar_tensor as scalar_tensor
from ember.ops.creation import tril_indices as tril_indices
from ember.ops.creation import triu_indices as triu_indices
from ember.ops.creation import zeros as zeros
from ember.ops.creation import zeros_like as zeros_like
from ember.ops.distances import cdist as cdist
from ember.ops.distances import dist as dist
from ember.ops.distances import pdist as pdist
from ember.ops.distances import renorm as renorm
from ember.ops.elementwise import angle as angle
from ember.ops.elementwise import float_power as float_power
from ember.ops.elementwise import gcd as gcd
from ember.ops.elementwise import heaviside as heaviside
from ember.ops.elementwise import igamma as igamma
from ember.ops.elementwise import igammac as igammac
from ember.ops.elementwise import is_nonzero as is_nonzero
from ember.ops.elementwise import is_same_size as is_same_size
from ember.ops.elementwise import isreal as isreal
from ember.ops.elementwise import lcm as lcm
from ember.ops.elementwise import ldexp as ldexp
from ember.ops.elementwise import logaddexp2 as logaddexp2
from ember.ops.elementwise import mvlgamma as mvlgamma
from ember.ops.elementwise import polygamma as polygamma
from ember.ops.elementwise import positive as positive
from ember.ops.elementwise import prelu as prelu
from ember.ops.elementwise import sgn as sgn
from ember.ops.elementwise import xlogy as xlogy
from ember.ops.floating_parts import frexp as frexp
from ember.ops.floating_parts import nextafter as nextafter
from ember.ops.foreach import _foreach_norm as _foreach_norm
from ember.ops.from_data import as_tensor as as_tensor
from ember.ops.from_data import asarray as asarray
from ember.ops.from_data import from_dlpack as from_dlpack
from ember.ops.from_data import from_numpy as from_numpy
from ember.ops.from_data import frombuffer as frombuffer
from ember.ops.from_data import tensor as tensor
from ember.ops.function_forms import _softmax_backward_data as _softmax_backward_data
from ember.ops.function_forms import nonzero_static as nonzero_static
from ember.ops.function_forms import typename as typename
from ember.ops.histograms import histogram as histogram
from ember.ops.histograms import histogramdd as histogramdd
from ember.ops.indexing import argwhere as argwhere
from ember.ops.indexing import index_reduce as index_reduce
from ember.ops.indexing import nonzero as nonzero
from ember.ops.indexing import put as put
from ember.ops.indexing import take as take
from ember.ops.indexing import take_along_dim as take_along_dim
from ember.ops.indexing import unravel_index as unravel_index
from ember.ops.linear_algebra import addbmm as addbmm
from ember.ops.linear_algebra import addmv as addmv
from ember.ops.linear_algebra import addr as addr
from ember.ops.linear_algebra import chain_matmul as chain_matmul
from ember.ops.linear_algebra import cross as cross
from ember.ops.linear_algebra import dot as dot
from ember.ops.linear_algebra import einsum as einsum
from ember.ops.linear_algebra import inner as inner
from ember.ops.linear_algebra import kron as kron
from ember.ops.linear_algebra import mv as mv
from ember.ops.linear_algebra import outer as ger
from ember.ops.linear_algebra import outer as outer
from ember.ops.linear_algebra import tensordot as tensordot
from ember.ops.linear_algebra import trace as trace
from ember.ops.linear_algebra import vdot as vdot
from ember.ops.matrix_functions import cholesky as cholesky
from ember.ops.matrix_functions import cholesky_inverse as cholesky_inverse
from ember.ops.matrix_functions import cholesky_solve as cholesky_solve
from ember.ops.matrix_functions import det as det
from ember.ops.matrix_functions import geqrf as geqrf
from ember.ops.matrix_functions import inverse as inverse
from ember.ops.matrix_functions import logdet as logdet
from ember.ops.matrix_functions import lu as lu
from ember.ops.matrix_functions import lu_solve as lu_solve
from ember.ops.matrix_functions import lu_unpack as lu_unpack
from ember.ops.matrix_functions import matrix_exp as matrix_exp
from ember.ops.matrix_functions import matrix_power as matrix_power
from ember.ops.matrix_functions import orgqr as orgqr
from ember.ops.matrix_functions import ormqr as ormqr
from ember.ops.matrix_functions import pca_lowrank as pca_lowrank
from ember.ops.matrix_functions import pinverse as pinverse
from ember.ops.matrix_functions import qr as qr
from ember.ops.matrix_functions import slogdet as slogdet
from ember.ops.matrix_functions import svd as svd
from ember.ops.matrix_functions import svd_lowrank as svd_lowrank
from ember.ops.matrix_functions import triangular_solve as triangular_solve
from ember.ops.matrix_functions import vander as vander
from ember.ops.pooling import adaptive_max_pool1d as adaptive_max_pool1d
from ember.ops.recurrent import gru as gru
from ember.ops.recurrent import gru_cell as gru_cell
from ember.ops.recurrent import lstm as lstm
from ember.ops.recurrent import lstm_cell as lstm_cell
from ember.ops.recurrent import rnn_relu as rnn_relu
from ember.ops.recurrent import rnn_relu_cell as rnn_relu_cell
from ember.ops.recurrent import rnn_tanh as rnn_tanh
from ember.ops.recurrent import rnn_tanh_cell as rnn_tanh_cell
from ember.ops.reductions import count_nonzero as count_nonzero
from ember.ops.reductions import logsumexp as logsumexp
from ember.ops.reductions import max as max
from ember.ops.reductions import median as median
from ember.ops.reductions import min as min
from ember.ops.reductions import nanmean as nanmean
from ember.ops.reductions import nanmedian as nanmedian
from ember.ops.reductions import nanquantile as nanquantile
from ember.ops.reductions import norm as norm
from ember.ops.reductions import quantile as quantile
from ember.ops.reductions import std as std
from ember.ops.reductions import std_mean as std_mean
from ember.ops.reductions import var as var
from ember.ops.reductions import var_mean as var_mean
from ember.ops.removed import eig as eig
from ember.ops.removed import lstsq as lstsq
from ember.ops.removed import solve as solve
from ember.ops.removed import symeig as symeig
from ember.ops.sampling import bernoulli as bernoulli
from ember.ops.sampling import normal as normal
from ember.ops.sampling import rand as rand
from ember.ops.sampling import rand_like as rand_like
from ember.ops.sampling import randint as randint
from ember.ops.sampling import randint_like as randint_like
from ember.ops.sampling import randn as randn
from ember.ops.sampling import randn_like as randn_like
from ember.ops.sampling import randperm as randperm
from ember.ops.segments import segment_reduce as _segment_reduce
from ember.ops.segments import segment_reduce as segment_reduce
from ember.ops.sorting import argsort as argsort
from ember.ops.sorting import bincount as bincount
from ember.ops.sorting import bucketize as bucketize
from ember.ops.sorting import histc as histc
from ember.ops.sorting import isin as isin
from ember.ops.sorting import msort as msort
from ember.ops.sorting import searchsorted as searchsorted
from ember.ops.sorting import unique as unique
from ember.ops.sorting import unique_consecutive as unique_consecutive
from ember.ops.sparse import dsmm as dsmm
from ember.ops.sparse import hsmm as hsmm
from ember.ops.sparse import hspmm as hspmm
from ember.ops.sparse import resize_as_sparse_ as resize_as_sparse_
from ember.ops.sparse import smm as smm
from ember.ops.sparse import spmm as spmm
from ember.ops.sparse import sspaddmm as sspaddmm
from ember.ops.spectra import istft as istft
from ember.ops.spectra import stft as stft
from ember.ops.views import adjoint as adjoint
from ember.ops.views import as_strided_scatter as as_strided_scatter
from ember.ops.views import atleast_1d as atleast_1d
from ember.ops.views import atleast_2d as atleast_2d
from ember.ops.views import atleast_3d as atleast_3d
from ember.ops.views import broadcast_shapes as broadcast_shapes
from ember.ops.views import broadcast_tensors as broadcast_tensors
from ember.ops.views import broadcast_to as broadcast_to
from ember.ops.views import diagonal_scatter as diagonal_scatter
from ember.ops.views import dsplit as dsplit
from ember.ops.views import hsplit as hsplit
from ember.ops.views import ravel as ravel
from ember.ops.views import resolve_conj as resolve_conj
from ember.ops.views import resolve_neg as resolve_neg
from ember.ops.views import select_scatter as select_scatter
from ember.ops.views import slice_scatter as slice_scatter
from ember.ops.views import tensor_split as tensor_split
from ember.ops.views import unsafe_chunk as unsafe_chunk
from ember.ops.views import unsafe_split as unsafe_split
from ember.ops.views import vsplit as vsplit
from ember.ops.windows import bartlett_window as bartlett_window
from ember.ops.windows import blackman_window as blackman_window
from ember.ops.windows import hamming_window as hamming_window
from ember.ops.windows import hann_window as hann_window
from ember.ops.windows import kaiser_window as kaiser_window
from ember.random import default_generator as default_generator
from ember.random import get_rng_state as get_rng_state
from ember.random import initial_seed as initial_seed
from ember.random import manual_seed as manual_seed
from ember.random import seed as seed
from ember.random import set_rng_state as set_rng_state
from ember.serialization import load as load
from ember.serialization import save as save
from ember.serialization.file_reader import PyTorchFileReader as PyTorchFileReader
from ember.settings import are_deterministic_algorithms_enabled as are_deterministic_algorithms_enabled
from ember.settings import can_cast as can_cast
from ember.settings import get_deterministic_debug_mode as get_deterministic_debug_mode
from ember.settings import get_device_module as get_device_module
from ember.settings import get_float32_matmul_precision as get_float32_matmul_precision
from ember.settings import get_num_interop_threads as get_num_interop_threads
from ember.settings import is_anomaly_check_nan_enabled as is_anomaly_check_nan_enabled
from ember.settings import is_anomaly_enabled as is_anomaly_enabled
from ember.settings import is_complex as is_complex
from ember.settings import is_debug_nans_enabled as is_debug_nans_enabled
from ember.settings import is_deterministic_algorithms_warn_only_enabled as is_deterministic_algorithms_warn_only_enabled
from ember.settings import is_floating_point as is_floating_point
from ember.settings import is_storage as is_storage
from ember.settings import is_tensor as is_tensor
from ember.settings import is_warn_always_enabled as is_warn_always_enabled
from ember.settings import numel as numel
from ember.settings import promote_types as promote_types
from ember.settings import result_type as result_type
from ember.settings import set_default_device as set_default_device
from ember.settings import set_default_dtype as set_default_dtype
from ember.settings import set_deterministic_debug_mode as set_deterministic_debug_mode
from ember.settings import set_float32_matmul_precision as set_float32_matmul_precision
from ember.settings import set_num_interop_threads as set_num_interop_threads
from ember.settings import use_deterministic_algorithms as use_deterministic_algorithms
from ember.sparse._construction import sparse_bsc_tensor as sparse_bsc_tensor
from ember.sparse._construction import sparse_bsr_tensor as sparse_bsr_tensor
from ember.sparse._construction import sparse_compressed_tensor as sparse_compressed_tensor
from ember.sparse._construction import sparse_coo_tensor as sparse_coo_tensor
from ember.sparse._construction import sparse_csc_tensor as sparse_csc_tensor
from ember.sparse._construction import sparse_csr_tensor as sparse_csr_tensor
from ember.sparse._functions import _convert_indices_from_coo_to_csr as _convert_indices_from_coo_to_csr
from ember.sparse._functions import _convert_indices_from_csr_to_coo as _convert_indices_from_csr_to_coo
from ember.storage import LegacyStorage as LegacyStorage
from ember.storage import Storage as Storage
from ember.storage import TypedStorage as TypedStorage
from ember.storage import UntypedStorage as UntypedStorage
from ember.version import __version__ as __version__
from typing import Any as Any

class BFloat16Storage(LegacyStorage): ...
class BFloat16Tensor(Tensor): ...
class BoolStorage(LegacyStorage): ...
class BoolTensor(Tensor): ...
class ByteStorage(LegacyStorage): ...
class ByteTensor(Tensor): ...
class CharStorage(LegacyStorage): ...
class CharTensor(Tensor): ...
class ComplexDoubleStorage(LegacyStorage): ...
class ComplexFloatStorage(LegacyStorage): ...
class DoubleStorage(LegacyStorage): ...
class DoubleTensor(Tensor): ...
class FloatStorage(LegacyStorage): ...
class FloatTensor(Tensor): ...
class HalfStorage(LegacyStorage): ...
class HalfTensor(Tensor): ...
class IntStorage(LegacyStorage): ...
class IntTensor(Tensor): ...
class LongStorage(LegacyStorage): ...
class LongTensor(Tensor): ...
class ShortStorage(LegacyStorage): ...
class ShortTensor(Tensor): ...
def _foreach_abs(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`abs` for each tensor of a list."""
def _foreach_abs_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`abs` in place for each tensor of a list."""
def _foreach_acos(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`acos` for each tensor of a list."""
def _foreach_acos_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`acos` in place for each tensor of a list."""
def _foreach_add(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`add` for each tensor of a list."""
def _foreach_add_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`add` in place for each tensor of a list."""
def _foreach_addcdiv(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`addcdiv` for each tensor of a list."""
def _foreach_addcdiv_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`addcdiv` in place for each tensor of a list."""
def _foreach_addcmul(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`addcmul` for each tensor of a list."""
def _foreach_addcmul_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`addcmul` in place for each tensor of a list."""
def _foreach_asin(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`asin` for each tensor of a list."""
def _foreach_asin_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`asin` in place for each tensor of a list."""
def _foreach_atan(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`atan` for each tensor of a list."""
def _foreach_atan_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`atan` in place for each tensor of a list."""
def _foreach_ceil(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`ceil` for each tensor of a list."""
def _foreach_ceil_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`ceil` in place for each tensor of a list."""
def _foreach_clamp_max(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`clamp_max` for each tensor of a list."""
def _foreach_clamp_max_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`clamp_max` in place for each tensor of a list."""
def _foreach_clamp_min(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`clamp_min` for each tensor of a list."""
def _foreach_clamp_min_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`clamp_min` in place for each tensor of a list."""
def _foreach_copy_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`copy` in place for each tensor of a list."""
def _foreach_cos(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`cos` for each tensor of a list."""
def _foreach_cos_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`cos` in place for each tensor of a list."""
def _foreach_cosh(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`cosh` for each tensor of a list."""
def _foreach_cosh_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`cosh` in place for each tensor of a list."""
def _foreach_div(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`div` for each tensor of a list."""
def _foreach_div_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`div` in place for each tensor of a list."""
def _foreach_erf(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`erf` for each tensor of a list."""
def _foreach_erf_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`erf` in place for each tensor of a list."""
def _foreach_erfc(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`erfc` for each tensor of a list."""
def _foreach_erfc_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`erfc` in place for each tensor of a list."""
def _foreach_exp(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`exp` for each tensor of a list."""
def _foreach_exp_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`exp` in place for each tensor of a list."""
def _foreach_expm1(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`expm1` for each tensor of a list."""
def _foreach_expm1_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`expm1` in place for each tensor of a list."""
def _foreach_floor(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`floor` for each tensor of a list."""
def _foreach_floor_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`floor` in place for each tensor of a list."""
def _foreach_frac(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`frac` for each tensor of a list."""
def _foreach_frac_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`frac` in place for each tensor of a list."""
def _foreach_lerp(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`lerp` for each tensor of a list."""
def _foreach_lerp_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`lerp` in place for each tensor of a list."""
def _foreach_lgamma(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`lgamma` for each tensor of a list."""
def _foreach_lgamma_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`lgamma` in place for each tensor of a list."""
def _foreach_log(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`log` for each tensor of a list."""
def _foreach_log10(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`log10` for each tensor of a list."""
def _foreach_log10_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`log10` in place for each tensor of a list."""
def _foreach_log1p(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`log1p` for each tensor of a list."""
def _foreach_log1p_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`log1p` in place for each tensor of a list."""
def _foreach_log2(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`log2` for each tensor of a list."""
def _foreach_log2_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`log2` in place for each tensor of a list."""
def _foreach_log_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`log` in place for each tensor of a list."""
def _foreach_maximum(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`maximum` for each tensor of a list."""
def _foreach_maximum_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`maximum` in place for each tensor of a list."""
def _foreach_minimum(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`minimum` for each tensor of a list."""
def _foreach_minimum_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`minimum` in place for each tensor of a list."""
def _foreach_mul(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`mul` for each tensor of a list."""
def _foreach_mul_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`mul` in place for each tensor of a list."""
def _foreach_neg(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`neg` for each tensor of a list."""
def _foreach_neg_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`neg` in place for each tensor of a list."""
def _foreach_pow(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`pow` for each tensor of a list."""
def _foreach_pow_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`pow` in place for each tensor of a list."""
def _foreach_reciprocal(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`reciprocal` for each tensor of a list."""
def _foreach_reciprocal_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`reciprocal` in place for each tensor of a list."""
def _foreach_round(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`round` for each tensor of a list."""
def _foreach_round_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`round` in place for each tensor of a list."""
def _foreach_rsqrt(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`rsqrt` for each tensor of a list."""
def _foreach_rsqrt_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`rsqrt` in place for each tensor of a list."""
def _foreach_sigmoid(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`sigmoid` for each tensor of a list."""
def _foreach_sigmoid_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`sigmoid` in place for each tensor of a list."""
def _foreach_sign(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`sign` for each tensor of a list."""
def _foreach_sign_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`sign` in place for each tensor of a list."""
def _foreach_sin(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`sin` for each tensor of a list."""
def _foreach_sin_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`sin` in place for each tensor of a list."""
def _foreach_sinh(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`sinh` for each tensor of a list."""
def _foreach_sinh_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`sinh` in place for each tensor of a list."""
def _foreach_sqrt(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`sqrt` for each tensor of a list."""
def _foreach_sqrt_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`sqrt` in place for each tensor of a list."""
def _foreach_sub(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`sub` for each tensor of a list."""
def _foreach_sub_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`sub` in place for each tensor of a list."""
def _foreach_tan(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`tan` for each tensor of a list."""
def _foreach_tan_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`tan` in place for each tensor of a list."""
def _foreach_tanh(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`tanh` for each tensor of a list."""
def _foreach_tanh_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`tanh` in place for each tensor of a list."""
def _foreach_trunc(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`trunc` for each tensor of a list."""
def _foreach_trunc_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`trunc` in place for each tensor of a list."""
def _foreach_zero_(self: Sequence[Tensor], *arguments: Any, **options: Any) -> Any:
    """`zero` in place for each tensor of a list."""
addmv_ = Tensor.addmv_
bfloat16: dtype
bool: dtype
cdouble: dtype
cfloat: dtype
chalf: dtype
clamp_ = Tensor.clamp_
complex128: dtype
complex32: dtype
complex64: dtype
conj_physical_ = Tensor.conj_physical_
detach = Tensor.detach
detach_ = Tensor.detach_
double: dtype
e: _float
float: dtype
float16: dtype
float32: dtype
float64: dtype
float8_e4m3fn: dtype
float8_e4m3fnuz: dtype
float8_e5m2: dtype
float8_e5m2fnuz: dtype
float8_e8m0fnu: dtype
gcd_ = Tensor.gcd_
get_device = Tensor.get_device
half: dtype
i0_ = Tensor.i0_
inf: _float
int: dtype
int16: dtype
int32: dtype
int64: dtype
int8: dtype
is_conj = Tensor.is_conj
is_inference = Tensor.is_inference
is_neg = Tensor.is_neg
is_signed = Tensor.is_signed
lcm_ = Tensor.lcm_
ldexp_ = Tensor.ldexp_
logit_ = Tensor.logit_
long: dtype
nan: _float
nan_to_num_ = Tensor.nan_to_num_
newaxis: None
pi: _float
qint32: dtype
qint8: dtype
quint2x4: dtype
quint4x2: dtype
quint8: dtype
resize_as_ = Tensor.resize_as_
round_ = Tensor.round_
short: dtype
uint16: dtype
uint32: dtype
uint64: dtype
uint8: dtype
xlogy_ = Tensor.xlogy_
