"""Theano's home of neighbourhoods of images."""

from tensorsym.language.neighbours import Images2Neibs, images2neibs, neibs2images

__all__ = ["Images2Neibs", "images2neibs", "neibs2images"]
