"""Calls that Ember and PyTorch are compared on: one line a name, its argument lists separated by `|`.

Each call is made as a function and, where PyTorch has the method, as a method of its first argument. The names of the
tensors stand in `inputs` of test_ops_parity.py; T is the module (ember or torch), D the dtype under test.
"""

from __future__ import annotations


def _words(text: str) -> list[str]:
    return text.split()


# Everything pointwise in one tensor, on every shape of UNARY_SHAPES, as function, method and in place.
UNARY = _words(
    """
abs absolute acos acosh angle arccos arcsin arctan asin asinh atan atanh bitwise_not ceil conj conj_physical cos cosh
deg2rad digamma erf erfc erfinv exp exp2 expm1 fix floor frac imag isfinite isinf isnan isneginf isposinf isreal
lgamma log log10 log1p log2 logical_not logit nan_to_num neg negative positive rad2deg real reciprocal relu round
rsqrt sgn sigmoid sign signbit sin sinc sinh sqrt square tan tanh trunc resolve_conj resolve_neg
"""
)
UNARY_SHAPES = ["x", "s", "e", "xt", "v", "bn", "p"]

# Everything pointwise in two tensors, on every pair of BINARY_PAIRS.
BINARY = _words(
    """
add sub mul div true_divide floor_divide remainder fmod pow maximum minimum fmax fmin atan2 arctan2 hypot copysign
logaddexp logaddexp2 eq ne lt le gt ge less greater not_equal logical_and logical_or logical_xor bitwise_and
bitwise_or bitwise_xor bitwise_left_shift bitwise_right_shift subtract multiply divide rsub xlogy heaviside ldexp gcd
lcm isclose float_power
"""
)
BINARY_PAIRS = [
    "x, y",
    "x, r",
    "c, r",
    "s, x",
    "e, r",
    "xt, c.t()",
    "x, k",
    "x, h",
    "x, 2",
    "x, 2.5",
    "x, True",
    "s, s",
]

# Reductions over dimensions: every line of REDUCTION_ARGUMENTS.
REDUCTIONS = _words(
    """
sum mean prod all any amax amin nansum nanmean std var logsumexp norm median max min argmax argmin count_nonzero mode
"""
)
REDUCTION_ARGUMENTS = """
x | x, 0 | x, -1 | x, dim=1 | x, dim=0, keepdim=True | x, 1, True | xt, 0 | b, dim=-2 | s | s, 0 | s, -1 | e | e, dim=1
e, dim=0 | z, 2 | b, dim=(0, 2) | b, (0, -1), keepdim=True | b, dim=() | b, [1] | x, axis=1 | x, dim=1, keepdims=True
b.transpose(0, 2), 1 | x, dim=0, out=T.empty(0, dtype=D)
"""

CALLS = """
i0 p | x | 4 * x
igamma p, p | p, 4 * p | 4 * p, p
igammac p, p | p, 4 * p | 4 * p, p
nextafter x, y | x, r | x, x
frexp x | 1000 * p | x / 0
histogram p, 3 | p, grid | p, 3, range=(0.25, 0.75) | p, 4, weight=p, density=True | p, bins=2
histogramdd p, [2, 1, 2, 3] | p, 2 | p[:, :2], 3, weight=p[:, 0]
nonzero_static x, size=5 | x, size=40, fill_value=7
typename x
clamp_ x.clone(), min=0
add x, y, alpha=2 | x, 3, alpha=2 | x, y, out=T.empty(0, dtype=D) | x, other=y
sub x, y, alpha=2 | x, y, out=T.empty(0, dtype=D)
mul x, y, out=T.empty(0, dtype=D) | input=x, other=y
div x, k + 1, rounding_mode='floor' | x, k + 1, rounding_mode='trunc' | x, y, rounding_mode=None | x, 2, rounding_mode='floor'
pow x, 2 | x, 3 | x, 0 | x, 0.5 | p, -1 | p, -0.5 | 2, x | 2.0, x | x, exponent=2 | s, 2 | k, 2 | k, 2.0
clamp x, min=-1 | x, max=1 | x, -1, 1 | x, min=0.5 | x, min=-1, max=y | x, y, y + 1 | x, y | e, 0 | s, 0, 1 | x, min=2, max=1
clip x, min=-1 | x, -1, 1 | x, max=0
clamp_min x, 0 | x, min=1 | x, y
clamp_max x, 0 | x, max=1 | x, y
where m, x, y | m, x, 0 | m, 1.5, x | m, x, k | m, x, s | m | x > 0, 1.0, 0.0 | m, 1, 0 | condition=m, input=x, other=y | m[:, :1], x, r
lerp x, y, 0.25 | x, y, p | x, y, weight=0.75 | x, y, s
addcmul x, y, y | x, y, p, value=2 | x, r, c
addcdiv x, y, p | x, y, p, value=2
nan_to_num x, nan=1, posinf=2, neginf=3 | x / (x - x), nan=0.0 | x / 0
logit p, eps=0.2 | p, 1e-6
round x, decimals=1 | p, decimals=2 | 100 * x, decimals=-1
isclose x, x, rtol=1e-3 | x, y, atol=1 | x, y, rtol=0.1, atol=0.1, equal_nan=True
allclose x, x | x, y | x, y, atol=100 | e, e
equal x, x | x, y | x, x[:2] | e, e
sum x, dtype=T.float64 | x, dim=1, dtype=T.float64 | x, 0, out=T.empty(0, dtype=D) | input=x, dim=1
mean x, 1, dtype=T.float64 | p, dtype=T.float64
prod x, 1, dtype=T.float64 | x + 3, 0
std x, unbiased=False | x, 0, unbiased=False | x, dim=1, correction=0 | x, 1, True | x, False | b, (0, 2), correction=2 | x, [0, 1], False, True
var x, unbiased=False | x, dim=0, unbiased=False | x, dim=1, correction=0 | x, 0, True, True | x, correction=0 | x, -1, keepdim=True
var_mean x, 0 | x, unbiased=False | x, dim=1, correction=0, keepdim=True
std_mean x, 0 | x | x, dim=-1, unbiased=False
norm x, p=1, dim=1 | x, 2, -1 | x, dim=0, p=float('inf') | x, p='fro' | b, p=2, dim=(0, 1), keepdim=True | x, 3 | x, p=0, dim=1 | x, float('-inf') | x, 2, 1, True
logsumexp x, dim=1 | x, (0, 1) | x, -1, keepdim=True | s, 0 | b, dim=[0, 2] | 1000 * x, 1
cumsum x, 0 | x, dim=-1 | x, 1, dtype=T.float64 | s, 0 | e, 0 | b, -2 | x, axis=1 | xt, 0
cumprod x, 0 | x, dim=-1 | s, 0 | e, 1 | x, 1, dtype=T.float64
cummax x, 0 | x, dim=-1 | s, 0
cummin x, 0 | x, dim=-1
logcumsumexp x, 0 | x, dim=1
max x, y | x, dim=1 | x, r | input=x, dim=-1, keepdim=True
min x, y | x, 0, True
aminmax x | x, dim=0 | x, dim=1, keepdim=True | s
argmax x, dim=None | x, dim=-1, keepdim=True | x, None, True
argmin x, dim=1, keepdim=True
quantile p, 0.3 | p, 0.5, dim=1 | p, T.tensor([0.1, 0.9], dtype=D), dim=0 | p, 0.5, 1, True | p, q=0.4, interpolation='lower' | p, 0.4, interpolation='nearest'
nanquantile p, 0.5, dim=1
nanmedian x | x, 0
kthvalue x, 2 | x, 1, 0 | x, k=2, dim=-1, keepdim=True
topk x, 2 | x, 2, 0 | x, 3, dim=-1, largest=False | x, k=2, sorted=True | s, 1 | x, 0
sort x | x, 0 | x, dim=-1, descending=True | x, stable=True | x, stable=True, dim=0, descending=True | s | e | xt
argsort d1 | d1, descending=True | d2, dim=0 | d2, -1, True | x, stable=True | x, dim=1, stable=True, descending=True
msort x
unique x | x, return_inverse=True | x, return_counts=True | x, sorted=True, return_inverse=True, return_counts=True | x, dim=0 | x, dim=1, return_inverse=True | k | e | s
unique_consecutive x | k, return_counts=True | x, dim=0
searchsorted grid, p | grid, p, right=True | grid, 0.4 | grid, p, side='right' | grid, p, out_int32=True
bucketize p, grid | p, grid, right=True | p, boundaries=grid | 0.4, grid | p, grid, out_int32=True
histc p, bins=4 | p, bins=5, min=0, max=1 | p, 3
bincount j | j, minlength=6 | j, weights=r
isin x, y | x, T.tensor([0, 1], dtype=D) | k, 1 | j, k, assume_unique=False | x, y, invert=True
cat [x, y] | [x, y], dim=1 | (x, y), -1 | [x, e] | [x, k] | [x], axis=0 | [x, y], dim=0, out=T.empty(0, dtype=D) | [xt, xt], 1 | [T.zeros(0, dtype=D), x] | tensors=[x, y], dim=1
concat [x, y], dim=1 | [x, y], axis=0
concatenate [x, y], 1
stack [x, y] | [x, y], dim=-1 | (x, y), 1 | [s, s] | [x, y], axis=2
hstack [x, y] | [s, s] | [r, r]
vstack [x, y] | [r, r]
dstack [x, y]
column_stack [x, r.reshape(4)[:3]]
chunk x, 2 | x, 2, dim=1 | x, 3, -1 | b, chunks=2, dim=-1 | r, 3
split x, 2 | x, 3, dim=1 | x, [1, 3], dim=1 | x, (1, 2) | x, split_size_or_sections=2 | x, 5
tensor_split x, 2 | x, 3, dim=1 | x, (1, 2), dim=-1 | x, [1] | x, indices=[1], dim=1 | x, sections=2
hsplit x, 2 | x, indices=[1] | x, sections=1
vsplit x, 3 | x, indices=(1,)
unbind x | x, dim=1 | x, -1 | r
narrow x, 1, 1, 2 | x, dim=0, start=1, length=2 | x, -1, -2, 1
select x, 0, 1 | x, dim=1, index=-1 | b, 1, 0
index_select x, 0, j[:2] | x, dim=1, index=j | xt, 0, j | r, 0, j[:0]
gather x, 1, i | x, 0, i | x, dim=-1, index=i | r, 0, j
take x, k.abs() | x, j
take_along_dim x, i, dim=1 | x, x.argsort(dim=1, stable=True), dim=1 | x, k.abs()
scatter x, 1, i, y | x, 0, i, 2 | x, dim=1, index=i, src=y | x, 1, i, value=3 | x, 1, i, y, reduce='add'
scatter_add x, 1, i, y | x, 0, i, y | x, dim=0, index=i, src=y
scatter_reduce x, 1, i, y, 'sum' | x, 1, i, y, reduce='amax' | x, 0, i, y, 'mean' | x, 0, i, y, 'prod', include_self=False | x, 0, i, y, reduce='amin', include_self=False
index_add x, 0, j[:2], y[:2] | x, 1, j, y, alpha=2 | x, dim=0, index=j[:3], source=y
index_copy x, 0, j[:2], y[:2] | x, dim=1, index=i[0], source=y[:, :2]
index_fill x, 0, j[:2], 2 | x, 1, j, s
index_put x, (j[:2],), s | x, (i[:, 0], i[:, 1]), y[:, 0] | x, (j[:2],), y[:2], accumulate=True | x, (m,), s
masked_fill x, m, 2 | x, m, value=-1 | x, m, s | x, m[0], 0 | x, ~m, 1
masked_select x, m | x, m[0] | x, x > 0
masked_scatter x, m, y
nonzero x | m | x, as_tuple=True | s | e | m, as_tuple=False | b
argwhere x
count_nonzero x, dim=(0, 1) | m | m, 1
reshape x, (4, 3) | x, (-1,) | x, (2, -1) | xt, (-1,) | e, (0,) | s, (1, 1) | x, [6, 2] | b, (2, -1)
flatten x | b, 1 | b, start_dim=1, end_dim=2 | s | e | b, 0, -2 | xt
ravel x | xt | s
squeeze x[:, :1] | c, 1 | c, -1 | x, 0 | b[:1, :1] | b[:1, :1], dim=(0, 1) | s | s, 0
unsqueeze x, 0 | x, -1 | x, dim=1 | s, 0 | e, 2
transpose x, 0, 1 | b, 0, 2 | b, -1, -2 | b, dim0=0, dim1=1 | s, 0, -1
swapaxes b, 0, 1
swapdims b, 0, -1
permute b, (2, 0, 1) | b, [0, 2, 1] | b, dims=(1, 0, 2) | x, (-1, 0) | s, ()
movedim b, 0, 2 | b, (0, 1), (1, 2) | b, source=0, destination=-1
moveaxis b, 0, 2
t x | r | s
adjoint x | b
broadcast_to r, (3, 4) | s, (2, 2) | c, [3, 4]
unflatten x, 1, (2, 2) | x, dim=-1, sizes=(2, -1) | x, 0, (3, 1)
roll x, 1 | x, 1, 0 | x, shifts=(1, 2), dims=(0, 1) | b, -1, -1 | e, 1 | x, shifts=5, dims=1
flip x, (0,) | x, [0, 1] | x, dims=(-1,) | s, () | e, (0,)
fliplr x
flipud x
rot90 x | x, 2 | x, 1, (0, 1) | b, 3, [1, 2]
tile x, (2,) | r, (2, 1) | x, dims=(2, 2) | s, (3,)
repeat_interleave x, 2 | x, 2, dim=0 | x, j[:3] + 1, dim=0 | x, repeats=3, dim=-1 | j | x, 2, 1, output_size=8 | r, j
diag r | x | x, 1 | r, diagonal=-1 | q, 1
diagonal x | b, dim1=1, dim2=2 | b, 0, -2, -1 | x, offset=1 | b, offset=-1, dim1=-2, dim2=-1
diag_embed r | x, 1 | x, dim1=0, dim2=2 | x, offset=-1
diagflat x | r, 1
tril x | x, 1 | b, diagonal=-1 | q, -1
triu x | x, 1 | b, diagonal=1 | q, -2
trace x | q
outer r, r | x[0], y[:, 0] | r, k[0]
ger r, r
dot r, y[0]
vdot r, y[0]
inner x, y | r, r | x, r | s, x
mm x, y.t() | xt, x | x, q | e, q | x, q, out=T.empty(0, dtype=D)
bmm b, d | b[:0], d[:0]
mv x, r
matmul x, q | x, r | r, q | b, q | b, d | r, r | b, d[0] | x, xt | e, q | b[:, None], d
addmm y, x, q | s, x, q | r, x, q, beta=2, alpha=3 | y, x, q, beta=0
addmv y[:, 0], x, r | y[:, 0], x, r, beta=2, alpha=-1
addbmm T.zeros(3, 3, dtype=D), b, d
addr T.zeros(3, 4, dtype=D), y[:, 0], r
baddbmm T.ones(2, 3, 3, dtype=D), b, d | T.ones(3, dtype=D), b, d, alpha=2, beta=0
einsum 'ij,jk->ik', x, q | 'ij->ji', x | 'ij,ij->', x, y | 'bij,bjk->bik', b, d | '...j,j->...', b, r | 'ii->i', q | 'i,j', r, r | 'ij', x | 'ii', q | 'bij,jk', b, q | 'ij,kj->ik', [x, y]
tensordot x, q, 1 | b, d, dims=([1, 2], [2, 1]) | x, y, dims=2
kron x, q | r, r
cross x.t(), y.t(), dim=1 | x, y, dim=0 | x, y
cdist x, y | b, b | x, y, p=1 | x, y, p=2.0 | x1=x, x2=y, p=float('inf') | x, y, p=3 | x, y, compute_mode='donot_use_mm_for_euclid_dist' | x, x[:0] | x, y, p=0
dist x, y | x, y, 1
renorm x, 2, 0, 1.5
softmax x, 1 | x, dim=0 | x, -1, dtype=T.float64 | s, 0 | e, 1 | b, dim=1
log_softmax x, 1 | x, dim=-1 | b, 1, dtype=T.float64 | xt, 0
meshgrid r, j | r, j, indexing='ij' | [r, j], indexing='xy' | s, r
cartesian_prod r, j | r
combinations r | r, 3 | r, r=2, with_replacement=True
block_diag x, r, s
broadcast_tensors r, c
atleast_1d s | x | [s, x]
atleast_2d s | r
atleast_3d s | x
diff x | r | x, n=2 | x, dim=0 | x, 1, 1, prepend=c | x, dim=1, append=c
gradient r | x, dim=0
trapezoid x | x, y | x, dx=0.5, dim=0
trapz x
cumulative_trapezoid x
cov x
corrcoef x
vander r | r, 3 | r, increasing=True
view_as_real zc
view_as_complex x.reshape(3, 2, 2)
real zc
imag zc
conj zc
abs zc
angle zc
complex p, p
polar p, p
is_tensor x | 3 | [x]
is_floating_point x
is_complex x | zc
is_nonzero s | T.zeros(1)
is_same_size x, y | x, r
numel x | s | e
clone x | xt | x, memory_format=T.contiguous_format | r.expand(3, 4)
result_type x, 2 | x, 2.5 | x, k | s, x | 1, 2.5 | x, k[0, 0]
bernoulli T.ones(3, dtype=D) | T.zeros(3, dtype=D)
multinomial T.tensor([0., 1., 0.], dtype=D), 1 | T.tensor([[0., 1.], [1., 0.]], dtype=D), num_samples=3, replacement=True
as_strided x, (2, 2), (4, 1) | x, size=(2, 3), stride=(1, 2), storage_offset=1
select_scatter x, y[0], 0, 1 | x, y[:, 0], dim=1, index=-1
slice_scatter x, y[:2], 0, 0, 2 | x, y[:, :2], 1, 0, 4, 2
diagonal_scatter x, r[:3] | q, r
ravel b | b.transpose(0, 1)
zeros_like x | x, dtype=T.float64 | xt | x, device='cpu' | r.expand(3, 4) | x, memory_format=T.contiguous_format | x, requires_grad=False
ones_like x | x, dtype=T.int32 | b.permute(2, 0, 1) | s
full_like x, 2 | x, 1.5, dtype=T.float64 | x, fill_value=True
empty_like e | z
isneginf x / 0
float_power x, 2
polygamma 1, p | 2, p
mvlgamma p + 3, 2
special.xlogy p, p
special.expit x
special.entr p
special.log_ndtr x
special.ndtr x
special.ndtri p
special.logsumexp x, 1
special.softmax x, 1
special.log_softmax x, 1
special.erfcx p
special.erf x
special.gammaln p
special.logit p
special.exp2 x
special.expm1 x
special.sinc x
special.psi p
special.xlog1py p, p
nn.functional.relu x | x.clone(), inplace=True
nn.functional.gelu x | x, approximate='tanh'
nn.functional.silu x
nn.functional.softplus x | x, 2, 3
nn.functional.elu x | x, 0.5
nn.functional.leaky_relu x | x, 0.2
nn.functional.one_hot j | j, 5 | i, num_classes=-1
nn.functional.pad x, (1, 2) | x, (1, 0, 2, 1), value=3 | x, (-1, 1)
nn.functional.normalize x | x, p=1, dim=0
nn.functional.cosine_similarity x, y | x, y, dim=0
nn.functional.pairwise_distance x, y
nn.functional.glu x
nn.functional.softmin x, 1
nn.functional.mse_loss x, y | x, y, reduction='sum'
nn.functional.l1_loss x, y | x, y, reduction='none'
nn.functional.cross_entropy x, j[:3] | x, j[:3], reduction='none' | x, p / p.sum(1, keepdim=True)
nn.functional.nll_loss x, j[:3] | x, j[:3], weight=r.abs()
nn.functional.binary_cross_entropy p, p.round() | p, p, reduction='sum'
nn.functional.binary_cross_entropy_with_logits x, p | x, p, pos_weight=r.abs()
nn.functional.kl_div x, p | x, p, reduction='batchmean'
nn.functional.smooth_l1_loss x, y | x, y, beta=0.5
nn.functional.huber_loss x, y
nn.functional.layer_norm x, (4,) | x, (4,), r, r | b, [3, 4]
nn.functional.linear x, q | x, q, r | r, q
nn.functional.embedding j, x | i, x
hann_window 6 | 5, periodic=False | 1 | 0 | 4, True, dtype=T.float64 | window_length=3
hamming_window 6 | 5, False | 6, True, 0.6, 0.4 | 1
bartlett_window 6 | 5, False | 1
blackman_window 6 | 5, False
kaiser_window 6 | 5, False | 6, True, 8.0
_foreach_add [x, y], 2 | [x, y], [y, x] | [x, y], [y, x], alpha=2 | [x, y], [1, 2]
_foreach_sub [x, y], [y, x] | [x, y], 1
_foreach_mul [x, y], 2 | [x, y], [y, x] | [x, y], s
_foreach_div [x, y], [p, p] | [x, y], 2
_foreach_neg [x, y]
_foreach_abs [x, y]
_foreach_sqrt [p, p]
_foreach_exp [x]
_foreach_norm [x, y] | [x, y], 1
_foreach_lerp [x], [y], 0.25
_foreach_addcmul [x], [y], [y] | [x], [y], [y], value=2
_foreach_addcdiv [x], [y], [p] | [x], [y], [p], 0.5
_foreach_maximum [x], 1 | [x], [y]
_foreach_minimum [x], [y]
_foreach_clamp_min [x], 0
_foreach_pow [p], 2
"""

# Whole expressions: what exists only as a method, changes its argument, or is an operator.
EXPRESSIONS = """
T.gcd(T.tensor(6), T.tensor([4, 3], dtype=T.uint8)) | T.lcm(T.tensor(6), T.tensor([4, 3], dtype=T.uint8)) | T.norm(x.relu(), p=-1) | T.norm(x.relu(), p=-1, dim=0) | T.atan2(x.relu(), -x.relu())
T.linspace(-2.7, 9.9, 10, dtype=T.int64) | T.linspace(2.5, 1.0, 10, dtype=T.uint8) | T.arange(0, 3.0, 0.5, dtype=T.int8) | T.arange(0.7, 4.2, 1.2, dtype=T.int16) | T.norm(x.relu(), p=0.5) | T.dist(x, y, 0.5) | T.cov(x[:1]) | T.corrcoef(x[:1].detach())
x.detach().diff(n=0, prepend=x.detach()) | T.floor_divide(x, 2) | x // 2 | T.div(x, 2, rounding_mode='trunc') | T.sinc(x) | F.silu(x) | F.softsign(x) | T.nan_to_num(x / 0) | (x > 0).bitwise_not() | (x > 0).bitwise_not_() | T.clone(F.hardtanh(x, 0.5, 1.5))
T.special.i0e(x) | T.special.i1(x) | T.special.i1e(x) | T.special.entr(p) | T.special.entr(x) | T.special.log_ndtr(4 * x) | T.special.ndtri(p) | T.special.erfcx(x) | T.special.xlog1py(x, p) | T.special.xlogy(x, p) | T.special.zeta(p + 2, p) | T.special.zeta(2.5, p) | T.special.multigammaln(p + 2, 2)
T.special.bessel_j0(4 * x) | T.special.bessel_j1(4 * x) | T.special.bessel_y0(4 * p) | T.special.bessel_y1(4 * p) | T.special.modified_bessel_i0(x) | T.special.modified_bessel_i1(x) | T.special.modified_bessel_k0(p) | T.special.modified_bessel_k1(p) | T.special.scaled_modified_bessel_k0(p) | T.special.scaled_modified_bessel_k1(p) | T.special.spherical_bessel_j0(x)
x.clone().apply_(lambda v: v * 2) | x.clone().map_(y, lambda a, b: a - b) | b.permute(2, 0, 1).dim_order()
x.size() | x.size(0) | x.size(-1) | x.size(dim=1) | x.shape | s.shape | x.dim() | x.ndim | x.ndimension() | x.numel() | x.nelement()
x.stride() | x.stride(0) | xt.stride() | b.permute(2, 0, 1).stride() | x.storage_offset() | x[1:].storage_offset() | x.element_size() | x.itemsize | x.nbytes
x.dtype | str(x.dtype) | x.device | str(x.device) | x.layout | str(x.layout) | x.type() | x.is_cuda | x.is_sparse | x.is_meta | x.is_leaf | x.is_contiguous()
xt.is_contiguous() | x.is_floating_point() | x.is_complex() | x.is_signed() | x.is_conj() | x.is_neg() | x.is_quantized | x.get_device() | x.is_inference()
x.tolist() | s.tolist() | e.tolist() | b.tolist() | s.item() | x[0, 0].item() | len(x) | list(r) | [each.shape for each in b] | [float(v) for v in r.real]
x.to(T.float64) | x.to(dtype=T.int64) | x.to('cpu') | x.to(device='cpu', dtype=T.float32) | x.to(k) | x.to(T.float32, non_blocking=True, copy=True) | xt.to(T.float64) | x.to('cpu', T.float64)
x.float() | x.double() | x.half() | x.bfloat16() | x.int() | x.long() | x.short() | x.byte() if D != T.complex64 else 0 | x.bool() | x.char() if D != T.complex64 else 0 | xt.double()
x.type(T.float64) | x.type('torch.FloatTensor') | x.type_as(k) | x.type(T.LongTensor) | x.cfloat()
x.view(4, 3) | x.view(-1) | x.view((2, 6)) | x.view(2, -1) | x.view(T.int32 if x.element_size() == 4 else D) | x.view(T.uint8) | x.view_as(y.view(4, 3)) | x.reshape(4, 3) | x.reshape_as(xt)
x.expand(2, 3, 4) | r.expand(3, -1) | c.expand(3, 4) | r.expand_as(x) | s.expand(2, 2) | r.expand(size=(2, 4)) | r.broadcast_to(3, 4)
x.repeat(2, 1) | r.repeat(3) | x.repeat(2, 2, 1) | x.repeat((1, 2)) | s.repeat(2) | x.tile(2) | x.tile(2, 1) | x.repeat(0, 1)
x.permute(1, 0) | b.permute(-1, 0, 1) | x.T | s.T | x.mT | b.mT | x.H | x.flip(0) | x.flip(0, 1) | x.flatten(0) | x.unflatten(1, (2, 2))
x.unfold(1, 2, 1) | x.unfold(dimension=0, size=2, step=1) | r.unfold(0, 2, 2) | x.unfold(-1, 4, 1)
x.contiguous() | xt.contiguous() | xt.contiguous().stride() | xt.clone().stride() | (xt + 1).stride() | (xt + x.t()).stride() | b.permute(2, 0, 1).abs().stride() | r.expand(3, 4).neg().stride()
b.sum(1, keepdim=True).stride() | T.cat([xt, xt]).stride() | xt.sigmoid().stride() | T.where(m.t(), xt, xt).stride() | x[:, ::2].stride() | xt.to(T.float64).stride() | T.zeros_like(xt).stride()
x[0] | x[-1] | x[1:] | x[:, 1] | x[:, ::2] | x[..., 0] | x[None] | x[:, None, 1:3] | x[m] | x[j[:2]] | x[i[:, 0], i[:, 1]] | x[[0, 2]] | x[[0, 1], [1, 2]] | x[m[:, 0]] | x[True] | x[()] | s[()] | s[None] | s[...]
x[x > 0] | x[1, j] | x[:, j] | b[:, j[:2], 1:] | b[0, ..., j[:2]] | x[T.tensor(1)] | x[1:1] | x[5:] | b[:, m[:, 0]] | b[[0, 1], :, [2, 1]] | x[j[:0]] | x[None, 0, None, ..., None]
set_item(x, 0, 1) | set_item(x, (slice(None), 1), r[:3]) | set_item(x, m, 0) | set_item(x, m, s) | set_item(x, (j[:2],), 5) | set_item(x, (0, slice(1, 3)), y[0, 1:3]) | set_item(x, x > 1, 1) | set_item(x, ..., 2) | set_item(x, (i[:, 0], i[:, 1]), 7)
x.clone().add_(y) | x.clone().add_(2) | x.clone().add_(y, alpha=2) | x.clone().sub_(r) | x.clone().mul_(2) | x.clone().mul_(y) | x.clone().div_(2) | x.clone().div_(y, rounding_mode='floor') | x.clone().pow_(2) | x.clone().neg_()
x.clone().zero_() | x.clone().fill_(2) | x.clone().fill_(s) | x.clone().copy_(y) | x.clone().copy_(r) | x.clone().copy_(k) | x.clone().clamp_(-1, 1) | x.clone().clamp_(min=0) | x.clone().clamp_min_(1) | x.clone().clip_(max=0)
x.clone().masked_fill_(m, 3) | x.clone().masked_fill_(m, value=1) | x.clone().masked_scatter_(m, y) | x.clone().fill_diagonal_(1) | x.clone().addcmul_(y, y, value=2) | x.clone().addcdiv_(y, p) | x.clone().lerp_(y, 0.5) | x.clone().lerp_(y, weight=0.5)
x.clone().scatter_(1, i, y) | x.clone().scatter_(1, i, 2) | x.clone().scatter_(dim=0, index=i, value=1) | x.clone().scatter_add_(0, i, y) | x.clone().scatter_reduce_(0, i, y, reduce='sum', include_self=False) | x.clone().index_add_(0, j[:2], y[:2]) | x.clone().index_copy_(0, i[0], y[:2]) | x.clone().index_fill_(1, j, 3)
x.clone().index_put_((j[:2],), y[:2], accumulate=True) | x.clone().put_(j, r) | x.clone().tril_() | x.clone().triu_(1) | x.clone().unsqueeze_(0) | x.clone().squeeze_() | x.clone().t_() | x.clone().transpose_(0, 1) | x.clone().resize_(2, 2) | x.clone().cumsum_(1)
x.clone().exp_() | x.clone().sqrt_() | x.clone().abs_() | x.clone().round_() | x.clone().floor_() | x.clone().sigmoid_() | x.clone().tanh_() | x.clone().relu_() | x.clone().log_() | x.clone().reciprocal_() | x.clone().nan_to_num_() | x.clone().logical_not_()
x.clone().eq_(y) | x.clone().gt_(0) | x.clone().remainder_(2) | x.clone().fmod_(2) | x.clone().floor_divide_(2) | x.clone().addmm_(x, q) | T.ones(2, 3, 3, dtype=D).baddbmm_(b, d) | x.clone().renorm_(2, 0, 1.0)
x + y | x - y | x * y | x / (y + 0.5) | x // (k + 1) | x % (k + 1) | x ** 2 | 2 ** k | x + 1 | 1 + x | 1 - x | 2 * x | 2 / p | x + 1.5 | x + True | x * 1j | -x | abs(x) | x @ q | 7 // (k + 1) | 7 % (k + 1) | x + s | s + k | k + 2.5 | k / 2 | k // 2 | k ** 2 | k ** 0.5 | k * 2.0
x == y | x != y | x < y if D != T.complex64 else 0 | x >= 1 if D != T.complex64 else 0 | x == None | x != 'a' | m & ~m | m | m ^ m | k & 3 | k << 1 | k >> 1 | ~k | m + m | m * 2 | m.sum() | m.float().mean() | +x
bool(s) | int(s) if D != T.complex64 else 0 | float(s) if D != T.complex64 else 0 | complex(s) | bool(x[0, 0] == x[0, 0]) | 2 in k | 99 in x | x.__contains__(s) | hash(x) == hash(x) | [10, 20, 30][j[0]] | list(range(j[1])) | {x: 1}[x]
x.new_zeros(2, 3) | x.new_zeros((2, 3)) | x.new_zeros(2, dtype=T.int32) | x.new_ones(2) | x.new_ones(size=(2, 2)) | x.new_full((2,), 3) | x.new_full((2,), 3.5, dtype=T.float64) | x.new_tensor([1, 2]) | x.new_tensor([1, 2], dtype=T.float64) | x.new_empty(0, 3) | x.new_empty((0,), dtype=T.int64).dtype | x.new(2, 3).shape | x.new([1, 2]) | x.new().shape
x.norm() | x.norm(dim=1) | x.norm(p=1, dim=0, keepdim=True) | x.norm(2, -1) | x.std(0) | x.var(0, unbiased=False) | x.max(1).values | x.max(1).indices | x.sort(1)[0] | x.min(dim=0)[1] | x.median(1).values | x.topk(2).values | x.all(1) | x.any(dim=1, keepdim=True)
x.where(m, y) | x.where(x > 0, T.zeros_like(x)) | x.detach() | x.data | x.detach().requires_grad | x.requires_grad | x.grad | x.grad_fn is None | x.detach_().shape | x.nonzero().shape | x.nonzero(as_tuple=True)[0] | x.untyped_storage().nbytes() | x.storage().size()
x.index_select(0, j[:2]) | x.split(2) | x.split([1, 2]) | x.chunk(2, dim=-1) | x.unbind(1) | x.type_as(x) | x.as_subclass(T.Tensor) | x.diff(dim=1, prepend=c) | x.is_same_size(y) | x.sum_to_size(1, 4) | x.is_shared() | x.is_pinned() | x.cpu() | x.cpu().numpy() | (x.numpy() + 1).sum()
T.Size([1, 2]) | T.Size([1, 2]) + T.Size([3]) | T.Size([2, 3]).numel() | T.Size([1, 2])[0] | T.Size([1, 2, 3])[1:] | x.shape + (1,) | (1,) + tuple(x.shape) | x.shape[:-1] + (7,) | x.shape[-1] | tuple(x.shape) == x.shape | x.shape == (3, 4) | T.Size((2,)) * 2 | str(x.shape) | len(x.shape) | T.Size() | T.Size([j.numel()])
repr(x) | str(s) | repr(e) | repr(b) | f'{s.real:.2f}' | repr(x.max(0)) if D != T.complex64 else 0 | repr(x.sort(0)) if D != T.complex64 else 0 | repr(m) | repr(x.shape) | repr(x.t()) | repr(T.zeros(0, dtype=D)) | repr(x > 0) if D != T.complex64 else 0 | repr(T.finfo(T.float32)) | repr(T.iinfo(T.int8)) | repr(T.device('cpu'))
isinstance(x, T.Tensor) | isinstance(x, T.FloatTensor) | isinstance(k, T.LongTensor) | isinstance(k, T.FloatTensor) | isinstance(m, T.BoolTensor) | isinstance(x.shape, tuple) | isinstance(x.dtype, T.dtype) | isinstance(x.device, T.device) | issubclass(T.nn.Parameter, T.Tensor) | isinstance(x.double(), T.DoubleTensor)
same_after(lambda t: copy.copy(t), x) | same_after(lambda t: copy.deepcopy(t), x) | same_after(lambda t: pickle.loads(pickle.dumps(t)), x) | same_after(lambda t: copy.deepcopy([t, t]), x)[0] | pickle.loads(pickle.dumps(D)) == D | copy.deepcopy(D) is D | pickle.loads(pickle.dumps(x.shape)) | copy.deepcopy(x.device)
numpy.asarray(x) | numpy.array(x) | numpy.asarray(xt).strides | numpy.sin(p) | numpy.exp(p).dtype | numpy.mean(p.numpy()) | p + p.numpy() | p.numpy() * p | p.numpy() + p | numpy.float32(2) * p | p * numpy.float64(2) | numpy.concatenate([x, y]) | numpy.stack([x, y]) | numpy.sum(p.numpy()) | numpy.isnan(p) | numpy.maximum(p.numpy(), p.numpy())
T.from_numpy(x.numpy()) | T.tensor(x.numpy()) | T.as_tensor(x.numpy()) | T.asarray(x.numpy()) | T.tensor(numpy.float32(2)) | T.tensor([numpy.int64(2)]) | T.tensor([x.numpy(), y.numpy()]) | T.as_tensor(x) is x | T.as_tensor([1, 2]) | T.as_tensor(2.5, dtype=T.float64) | T.from_numpy(numpy.arange(3)) | T.tensor(numpy.arange(3, dtype=numpy.int16)) | T.frombuffer(bytearray(b'abcdefgh'), dtype=T.int32) | T.frombuffer(bytearray(b'abcdefgh'), dtype=T.uint8, offset=2, count=3)
T.tensor([1, 2]) | T.tensor([1, 2.5]) | T.tensor(True) | T.tensor([True, 1]) | T.tensor([True, 1.5]) | T.tensor([]) | T.tensor([[]]) | T.tensor(()) | T.tensor([[1, 2], [3, 4]]) | T.tensor(((1.0,), (2.0,))) | T.tensor(1 + 2j) | T.tensor([1, 2j]) | T.tensor([s, s]) | T.tensor([[s.item(), 1]]) | T.tensor(range(3)) | T.tensor([1], dtype=T.bool) | T.tensor([1.7], dtype=T.int64) | T.tensor(3, dtype=D) | T.tensor(2**40) | T.tensor([1.0], requires_grad=True) | T.tensor(data=[1])
T.zeros(2, 3) | T.zeros((2, 3)) | T.zeros([2]) | T.zeros(0) | T.zeros(()) | T.zeros(2, dtype=D) | T.zeros(size=(2,)) | T.zeros(2, device='cpu') | T.zeros(T.Size([2, 1])) | T.zeros(2, device=T.device('cpu'), requires_grad=True) | T.ones(2, 3, dtype=D) | T.ones(3, dtype=T.bool) | T.full((2, 2), 3) | T.full((2,), 1.5) | T.full((2,), True) | T.full((2,), 3, dtype=D) | T.full(size=(2,), fill_value=2.0) | T.full((), 2)
T.arange(5) | T.arange(1, 5) | T.arange(1, 5, 2) | T.arange(0, 1, 0.25) | T.arange(5.0) | T.arange(5, 0, -1) | T.arange(3, dtype=T.float64) | T.arange(start=1, end=4) | T.arange(end=3) | T.arange(0) | T.arange(2, 8, step=3, dtype=T.float32) | T.arange(0.1, 0.75, 0.1) | T.linspace(0, 1, 5) | T.linspace(-1, 1, steps=3, dtype=T.float64) | T.linspace(start=0, end=3, steps=4) | T.linspace(1, 2, 1) | T.linspace(0, 10, 3, dtype=T.int64) | T.logspace(0, 2, 3) | T.logspace(0, 3, 4, base=2) | T.linspace(0, 1, 0)
T.eye(3) | T.eye(2, 3) | T.eye(2, dtype=D) | T.eye(n=2, m=1) | T.tril_indices(3, 3) | T.triu_indices(3, 4, offset=1) | T.empty(0, 2).shape | T.empty(2, 3, dtype=D).dtype | T.empty((2,), pin_memory=False).shape | T.empty_strided((2, 3), (1, 2)).stride() | T.rand(2, 3).shape | T.randn((2, 3)).dtype | T.randn(2, dtype=T.float64).dtype | T.randint(5, (2, 3)).dtype | T.randint(2, 5, (2,)).shape | T.randint(low=0, high=2, size=(3,)).shape | T.randperm(4).sort()[0] | T.randperm(n=3).dtype
T.rand_like(p).dtype | T.randn_like(p).shape | T.randint_like(x, 3).dtype | T.normal(0.0, 1.0, (2, 3)).shape | T.normal(p, 1.0).shape | T.normal(mean=0.0, std=p).dtype | T.normal(p, p).shape | T.empty_like(x).stride() | T.bernoulli(p).dtype | T.rand(2, generator=T.Generator().manual_seed(1)).shape | T.scalar_tensor(2.0) | T.broadcast_shapes((3, 1), (1, 4), (4,)) | T.broadcast_shapes((2,), (1,))
T.is_grad_enabled() | T.get_default_dtype() | T.promote_types(T.int32, T.float16) | T.promote_types(T.uint8, T.int8) | T.can_cast(T.float32, T.int32) | T.finfo(T.float32).eps | T.finfo(T.bfloat16).max | T.iinfo(T.int64).max | T.finfo(D).tiny if D.is_floating_point else 0 | T.is_autocast_enabled() | T.get_autocast_dtype('cpu') | T.is_inference_mode_enabled() | T.are_deterministic_algorithms_enabled() | T.get_default_device() | T.is_storage(x) | T.pi | T.inf
D.is_floating_point | D.is_complex | D.is_signed | D.itemsize | repr(D) | D.to_real() if D.is_complex else 0 | T.device('cpu').type | T.device('cpu').index | T.device('cuda:1').index | str(T.device('cuda', 0)) | T.device('cpu') == T.device('cpu') | T.device(type='cpu') | {T.device('cpu'): 1}[T.device('cpu')] | T.float32 is T.float | {T.float32: 1}[T.float]
T._foreach_add_([x.clone(), y.clone()], 1) | foreach('_foreach_add_', x, y, [y, x], alpha=2) | foreach('_foreach_mul_', x, y, 2) | foreach('_foreach_sub_', x, y, [y, x]) | foreach('_foreach_div_', x, y, 2.0) | foreach('_foreach_zero_', x, y) | foreach('_foreach_copy_', x, y, [y, x]) | foreach('_foreach_neg_', x, y) | foreach('_foreach_addcmul_', x, y, [x, y], [y, y], value=2) | foreach('_foreach_lerp_', x, y, [y, x], 0.5) | foreach('_foreach_clamp_max_', x, y, 1)
T._assert(True, 'message') | T.version.cuda | T.numel(x) | T.nn.functional.softmax(x, dim=-1) | T.Tensor.add(x, y) | T.Tensor.sum(x) | T.Tensor([1, 2]) | T.Tensor(2, 3).shape | T.FloatTensor([1, 2]) | T.LongTensor([1, 2]) | T.BoolTensor([True]) | T.Tensor().shape | T.LongTensor(2).shape | T.IntTensor([3]).dtype | T.tensor(2.0).data_ptr() > 0
type(x + Sub(T, x)).__name__ | type(Sub(T, x).sum()).__name__ | (Sub(T, x) * 2).sum().item() | isinstance(Sub(T, x), T.Tensor) | Sub(T, x).shape | T.stack([Sub(T, x), x]).shape | Sub(T, x).tolist()
"""

# Calls that must raise the same type of exception. Integer, bool and shape mistakes of every day.
ERRORS = """
x + T.zeros(5) | x.view(5, 5) | x.view(-1, -1) | x.reshape(7) | x.reshape(-1, 5) | xt.view(-1) | x @ y | T.mm(x, y) | T.mm(x, r) | T.bmm(x, y) | T.matmul(r, y) | T.dot(r, x) | T.dot(r, r[:2]) | T.cat([x, r]) | T.cat([]) | T.cat([x, y], dim=2) | T.cat(x) | T.stack([x, r]) | T.stack([])
x.sum(2) | x.sum(-3) | x.sum((0, 0)) | x.mean(5) | k.mean() | x.max(3) | e.max() | e.max(0) | e.argmax() | e.argmax(0) | x.softmax(2) | x.softmax() | x.squeeze(2) | x.unsqueeze(3) | x.unsqueeze() | x.transpose(0, 2) | x.permute(0) | x.permute(0, 0) | x.permute(0, 2) | b.t() | x.expand(2, 2) | x.expand(-1, 3, 4) | x.repeat(2)
x[3] | x[0, 4] | x[0, 0, 0] | x['a'] | x[1.5] | x[T.tensor(5)] | x[j + 9] | x[m[:2]] | s[0] | x[::-1] | x[None, 0, 0, 0] | x.gather(1, i + 9) | x.gather(1, x) | x.gather(0, j) | x.index_select(0, j + 9) | x.index_select(2, j) | x.index_select(0, i) | x.scatter(1, i + 9, y) | x.clone().scatter_add_(1, i + 9, y) | x.masked_fill(x, 1) | x.masked_fill(m, r) | x.masked_select(x)
k // 0 | k % 0 | k.fmod(0) | x.clone().remainder(0).long() % k.mul(0) | int(x) | float(x) | bool(x) | bool(e) | x.item() | e.item() | len(s) | iter(s) | list(s) | hash([x]) | x.numpy().foo | [1, 2][s] | range(T.tensor(1.5)) | x.nothing | T.nothing | x.shape.foo | x.split(-1) | x.split([1, 1]) | x.chunk(0) | x.narrow(0, 2, 5) | x.select(0, 9) | x.topk(9) | x.kthvalue(9) | x.flip(5) | x.roll(1, 5) | x.diag(1, 2) | T.diag(b) | x.unfold(0, 9, 1) | x.unfold(0, 1, 0)
k.add_(1.5) | k.mul_(2.5) | k.div_(2) | m.add_(2) | k.sqrt_() | k.exp_() | m - m | -m | ~x | x & y | T.add(x) | T.add(x, y, z=1) | T.add(x, 'a') | x + 'a' | x + None | x + [1] | T.add('a', x) | T.sum('a') | T.zeros('a') | T.zeros(-1) | T.zeros(2.5) | T.zeros((2, 'a')) | T.ones(2, dtype='float32') | T.zeros(2, device='nowhere')
T.arange() | T.arange(0, 5, 0) | T.arange(5, 0, 1) | T.linspace(0, 1) | T.linspace(0, 1, -1) | T.full((2,)) | T.eye(-1) | T.tensor('a') | T.tensor([1, 'a']) | T.tensor([[1, 2], [3]]) | T.tensor([None]) | T.tensor() | T.from_numpy([1]) | T.from_numpy(numpy.array(['a'])) | T.randint(5, 2, (2,)) | T.randint(0, (2,)) | T.randperm(-1) | T.multinomial(x, 2) | T.multinomial(p, 99) | T.bernoulli(p + 5) | T.normal(p, -p)
T.einsum('ij,jk', x, y) | T.einsum('ij', r) | T.einsum('i?', x) | T.einsum('ij,jk', x) | T.where(x, x, y) | T.where(m, x, r[:2]) | T.where(m, x) | T.clamp(x) | T.gather(x) | T.unique('a') | T.bincount(x) | T.bincount(k) | T.searchsorted(grid, 'a') | T.meshgrid(x, x) | T.quantile(p, 2.0) | T.quantile(k, 0.5) | T.cumsum(x) | T.cumsum(x, 2) | T.sort(x, 3) | T.norm(k) | T.std(k) | T.nonzero('a') | T.broadcast_shapes((2,), (3,)) | T.outer(x, r) | T.cross(x, y, dim=1) | T.roll(x, (1, 2), (0,))
T.cdist(x, y[:, :2]) | T.cdist(r, r) | T.cdist(x, y, p=-1) | T.cdist(k, k) | T.softmax(k, 0) | T.bmm(b, b) | T.addmm(y, x, x) | T.tensordot(x, y, 1) | T.hann_window(-1) | T._assert(False, 'message') | T.device('nowhere') | T.device('cpu:a') | T.device(1.5) | T.set_default_dtype(T.int32) | T.set_default_dtype('a') | T.promote_types(1, 2) | T.manual_seed('a') | T.finfo(T.int32) | T.iinfo(T.float32) | T.Size(['a']) | T.Size([1.5]) | T.load('/nowhere/at/all') | T.set_num_threads(0)
x.backward() | (xg * 2).backward() | (xg * 2).numpy() | k.requires_grad_() | xg.add_(1) | (xg * 2).requires_grad_(False) | x.detach().backward() | T.autograd.grad(x.sum(), x) | (xg * 2).sum().backward(T.ones(2)) | xg.fill_(1) | set_item(xg, 0, 1) | T.tensor([1], requires_grad=True) | x.to('nowhere') | x.to() | x.type('a') | x.new_full() | x.new_zeros('a') | x.new_zeros(-1) | x.copy_(T.zeros(7)) | x.resize_(-1) | x.set_(1, 2) | x.fill_(y) | x.fill_('a')
"""

# Results that differ on purpose: the start of an expression (as a regular expression), the dtypes, the reason.
DIFFERENCES = [
    (r"T\.special\.bessel_[jy]", "float64 bool", "PyTorch's Bessel functions have 8 digits, near a zero fewer"),
    (r"T\.special\.modified_bessel_i", "", "PyTorch has a gradient under the names i0 and i1 only"),
    (r".*(digamma|psi|polygamma)\b", "float64 float16", "PyTorch's trigamma has 9 digits"),
    (r".*\b(std|var)\(.*dim=\(\)\)", "", "PyTorch divides by 0 in the gradient over dim=()"),
    (r".*arctan2|.*atan2", "uint8", "PyTorch multiplies uint8 without promotion in the gradient"),
    (r".*clamp\(|.*clip\(", "uint8", "PyTorch makes uint8 of the bound -1: 255"),
    (r".*logical_(not|and|or|xor)_", "", "PyTorch passes a gradient through a result of 0 and 1"),
    (r".*\bsquare", "bool", "bool stays bool, as in x * x"),
    (r".*(sum|prod|nansum)\(.*out=", "bool", "the integer sum of bools is not cast into a bool out="),
    (r".*(isreal|float_power)\b", "complex64", "strides of parts of complex numbers; last digits of complex powers"),
    (r".*logsumexp\(1000 ", "complex64", "the gradient is of phases after rounding, in PyTorch"),
    (r".*cumprod\(.*float64", "complex64", "the imaginary part is dropped before, not after"),
    (r".*\b(sort|msort)\b", "", "results of sort are contiguous whatever the strides of the input"),
    (r".*diag_embed\(.*dim1=0", "", "contiguous whatever the dims"),
    (r".*(mm|matmul|einsum)\(", "bool", "products of bools are refused even where they are empty or outer"),
    (r".*\(e.*softmax|.*softmax\(e", "bool int64 int32 uint8", "integers are refused even where there are none"),
    (r".*(view_as_complex|complex|x \* 1j)", "float16", "there is no complex32"),
    (r".*l1_loss", "int64 int32 uint8", "losses of integers"),
    (r"numpy\.isnan|p \+ p\.numpy", "", "PyTorch makes uint8 of NumPy's bool"),
    (r"type\(", "", "operations on subclasses give plain tensors"),
    (r".*T\.device\('cuda", "", "no CUDA in this build"),
    (r".*count_nonzero\(1, True\)", "", "both refuse, with another type of exception"),
]
