"""Theano's home of Fourier transforms of real tensors."""

from tensorsym.language.fourier import InverseRealFFT as IRFFTOp
from tensorsym.language.fourier import RealFFT as RFFTOp
from tensorsym.language.fourier import irfft, irfft_op, rfft, rfft_op

__all__ = ["IRFFTOp", "RFFTOp", "irfft", "irfft_op", "rfft", "rfft_op"]
