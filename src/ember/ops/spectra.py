"""Spectra of short stretches of a signal, and the signal that they are of."""

from __future__ import annotations

import warnings
from typing import Any

from .. import _C
from .._autocast import under_autocast
from .._C import Tensor
from .._composite import composite
from .copies import complex

_ops = _C.ops


def _fail(name: str, input: Any, n_fft: int, problem: str) -> None:
    raise RuntimeError(f"{name}(): input has shape {tuple(input.shape)}, n_fft is {n_fft}: {problem}.")


def _frame_steps(
    name: str, input: Any, n_fft: int, hop_length: int | None, win_length: int | None, window: Any
) -> tuple[int, int]:
    """The distance of frames (a quarter of one) and the length of the window (a whole frame), checked."""
    hop = n_fft // 4 if hop_length is None else hop_length
    length = n_fft if win_length is None else win_length
    if hop < 1:
        _fail(name, input, n_fft, f"hop_length is {hop}; expected hop_length > 0")
    if not 0 < length <= n_fft:
        _fail(name, input, n_fft, f"win_length is {length}; expected 0 < win_length <= n_fft")
    if window is None:
        warnings.warn(
            f"{name}(): A window was not provided. A rectangular one is used, whose spectrum leaks. "
            "Hint: pass window=torch.hann_window(win_length), or torch.ones(win_length) for this one.",
            stacklevel=3,
        )
    elif window.dim() != 1 or window.shape[0] != length:
        _fail(
            name,
            input,
            n_fft,
            f"window has shape {tuple(window.shape)}; expected a 1D window of size equal to win_length={length}",
        )
    return hop, length


def _whole_window(window: Any, length: int, n_fft: int, like: Any) -> Any:
    """The window (None: a rectangle of `length`) in the middle of n_fft points."""
    if window is None:
        window = _ops.full([length], 1.0, dtype=like.dtype, device=like.device)
    before = (n_fft - length) // 2
    return _ops.constant_pad_nd(window, [before, n_fft - length - before]) if length < n_fft else window


def _padded(signal: Any, count: int, mode: str) -> Any:
    """A batch of signals with `count` more elements at both ends."""
    from ..nn.functional import pad

    if mode == "constant" or not count:
        return pad(signal, (count, count))
    if not signal.is_complex():
        return pad(signal.unsqueeze(1), (count, count), mode).squeeze(1)
    return complex(_padded(signal.real, count, mode), _padded(signal.imag, count, mode))


def _framed(input: Any, n_fft: int, win_length: int, center: bool, align_to_window: bool | None, mode: str) -> Any:
    """The signals as a batch, longer by what the first and the last frame stand over."""
    if input.dim() not in (1, 2):
        _fail("stft", input, n_fft, "expected a 1D or 2D tensor")
    if center and align_to_window is not None:
        raise RuntimeError(
            f"stft(): align_to_window is {align_to_window}, center True; align_to_window needs center=False."
        )
    signal = input if input.dim() == 2 else input.unsqueeze(0)
    if center:
        signal = _padded(signal, n_fft // 2, mode)
    elif align_to_window:
        signal = _padded(signal, (n_fft - win_length) // 2, mode)
    if not 0 < n_fft <= signal.shape[1]:
        _fail("stft", input, n_fft, f"expected 0 < n_fft <= {signal.shape[1]}, the length of the (padded) signal")
    return signal


@composite
@under_autocast("float32")
def stft(
    input: Tensor,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Tensor | None = None,
    center: bool = True,
    pad_mode: str = "reflect",
    normalized: bool = False,
    onesided: bool | None = None,
    return_complex: bool | None = None,
    align_to_window: bool | None = None,
) -> Tensor:
    """The spectra of frames of a signal: X_km = sum over j of w_j x_(m hop + j) exp(-2 pi i j k / n_fft).

    Args:
        input: signals ``(L)`` or ``(N, L)``.
        n_fft: the number of points of a frame.
        hop_length: the distance of frames in points (None: n_fft // 4).
        win_length: the length of the window (None: n_fft); a shorter one stands in the middle of the frame.
        window: ``(win_length)``; None is a rectangle.
        center: pad the signal by n_fft // 2 at both ends, so that frame m is centred at m hop_length.
        pad_mode: how, as in :func:`ember.nn.functional.pad`.
        normalized: divide by sqrt(n_fft).
        onesided: only the coefficients 0 to n_fft / 2 (None: where signal and window are real).
        return_complex: True gives complex numbers; False, for real signals, two real ones each in a last dim.
        align_to_window: with ``center=False`` pad so that the first window, not the first frame, begins at 0.

    Shape: ``(K, M)`` or ``(N, K, M)`` with K coefficients of M frames.

    Example:
        >>> ember.stft(ember.ones(2, 64), 16, window=ember.hann_window(16), return_complex=True).shape
        torch.Size([2, 9, 17])
    """
    is_complex = input.is_complex() or (window is not None and window.is_complex())
    if return_complex is None:
        if not is_complex:
            raise RuntimeError(
                "stft(): stft requires the return_complex parameter be given for real inputs. "
                "Hint: return_complex=True."
            )
        return_complex = True
    if onesided and is_complex:
        raise RuntimeError("stft(): onesided is True. Cannot have onesided output if window or input is complex.")
    if not (input.is_floating_point() or input.is_complex()):
        _fail("stft", input, n_fft, f"it is of {input.dtype}; expected a tensor of floating point or complex values")
    length = n_fft if win_length is None else win_length
    signal = _framed(input, n_fft, length, center, align_to_window, pad_mode)
    hop, length = _frame_steps("stft", input, n_fft, hop_length, win_length, window)
    frames = signal.unfold(-1, n_fft, hop)
    if window is not None or length < n_fft:
        frames = frames * _whole_window(window, length, n_fft, signal)

    from ..fft import fft, rfft

    half = not is_complex if onesided is None else onesided
    spectra = (rfft if half else fft)(frames, norm="ortho" if normalized else None).transpose(1, 2)
    spectra = spectra if input.dim() == 2 else spectra.squeeze(0)
    return spectra if return_complex else _ops.view_as_real(spectra)


def _overlapped(frames: Any, hop: int) -> Any:
    """The sum of frames (N, M, n), each `hop` points after the one before: (N, n + (M - 1) hop)."""
    if frames.is_complex():
        return complex(_overlapped(frames.real, hop), _overlapped(frames.imag, hop))
    from ..nn.functional import fold

    count, n = frames.shape[1:]
    total = n + (count - 1) * hop
    return fold(frames.transpose(1, 2), (1, total), (1, n), stride=(1, hop)).reshape(-1, total)


def _check_spectra(input: Any, n_fft: int, hop: int, win_length: int, half: bool) -> None:
    if not input.numel():
        _fail("istft", input, n_fft, "input tensor cannot be empty")
    rows = n_fft // 2 + 1 if half else n_fft
    if input.shape[-2] != rows:
        _fail("istft", input, n_fft, f"expected {rows} frequencies in dim -2 (onesided={half}), got {input.shape[-2]}")
    if hop > win_length:
        _fail("istft", input, n_fft, f"hop_length is {hop}; expected 0 < hop_length <= win_length={win_length}")


@composite
@under_autocast("float32")
def istft(
    input: Tensor,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Tensor | None = None,
    center: bool = True,
    normalized: bool = False,
    onesided: bool | None = None,
    length: int | None = None,
    return_complex: bool = False,
) -> Tensor:
    """The signal of which :func:`stft` gives these spectra, or the nearest one in the least-squares sense.

    Frames times window are added where they overlap, and divided by the sum of the squared windows.

    Args:
        input: complex spectra ``(K, M)`` or ``(N, K, M)``.
        n_fft, hop_length, win_length, window, center, normalized, onesided: as given to :func:`stft`.
        length: the length of the signal (None: what the frames cover, without the padding).
        return_complex: the signal is complex.

    Shape: ``(L)`` or ``(N, L)``.

    Raises:
        RuntimeError: the windows do not overlap enough: their sum is 0 somewhere.

    Source: Griffin and Lim 1984.

    Example:
        >>> x, w = ember.arange(32.), ember.hann_window(16)
        >>> spectra = ember.stft(x, 16, window=w, return_complex=True)
        >>> bool(ember.allclose(ember.istft(spectra, 16, window=w), x, atol=1e-4))
        True
    """
    if not input.is_complex():
        raise RuntimeError(
            f"istft(): input is of {input.dtype}; istft requires a complex-valued input tensor matching the output "
            "from stft with return_complex=True. Hint: torch.view_as_complex converts pairs of real numbers."
        )
    if input.dim() not in (2, 3):
        kind = IndexError if input.dim() < 2 else RuntimeError
        raise kind(f"istft(): input has shape {tuple(input.shape)}; expected a tensor of 2 or 3 dimensions.")
    hop, win_length = _frame_steps("istft", input, n_fft, hop_length, win_length, window)
    half = input.shape[-2] != n_fft if onesided is None else onesided
    _check_spectra(input, n_fft, hop, win_length, half)
    complex_window = window is not None and window.is_complex()
    if return_complex and half:
        raise RuntimeError(
            "istft(): return_complex is True. Cannot have onesided output if window or input is complex."
        )
    if complex_window and not return_complex:
        raise RuntimeError("istft(): Complex windows are incompatible with return_complex=False.")

    from ..fft import ifft, irfft

    frames = (input if input.dim() == 3 else input.unsqueeze(0)).transpose(1, 2)
    norm = "ortho" if normalized else None
    if return_complex:
        frames = ifft(frames, norm=norm)
    else:
        frames = irfft(frames[..., : n_fft // 2 + 1], n_fft, norm=norm)
    bell = _whole_window(window, win_length, n_fft, frames)
    weights = _overlapped((bell * bell).expand(1, frames.shape[1], n_fft), hop)
    result = _cropped(_overlapped(frames * bell, hop), weights, n_fft, center, length)
    return result if input.dim() == 3 else result.squeeze(0)


def _cropped(signal: Any, weights: Any, n_fft: int, center: bool, length: int | None) -> Any:
    """The part of the summed frames that is asked for, divided by the weights."""
    start = n_fft // 2 if center else 0
    total = signal.shape[1]
    end = start + length if length is not None else total - start
    if end <= start:
        raise RuntimeError(f"istft(): length is {end - start}; expected 1 or more.")
    weights = weights[:, start:end]
    if not signal.is_meta and float(weights.abs().min()) < 1e-11:
        raise RuntimeError(
            "istft(): window overlap add min is 0: the windows leave a point out. "
            "Hint: center=True, or a smaller hop_length."
        )
    signal = signal[:, start:end] / weights
    missing = end - total
    if missing > 0:
        warnings.warn(
            f"istft(): The length of signal is shorter than the length parameter: {total - start} against {length}. "
            "The result is padded with zeros.",
            stacklevel=4,
        )
        signal = _ops.constant_pad_nd(signal, [0, missing])
    return signal
