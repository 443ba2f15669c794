"""Convolutions of videos: time is the axis after the batch."""

from tensorsym.language.flatconvolution import convolve_videos as conv3d

__all__ = ["conv3d"]
