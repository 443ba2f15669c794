"""Convolutions of images without channels."""

from tensorsym.language.flatconvolution import convolve_images as conv2d

__all__ = ["conv2d"]
