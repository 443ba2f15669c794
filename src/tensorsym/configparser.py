"""Theano's names of settings, and its way for programs to add their own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from tensorsym.config import OPTIONS, Option, config
from tensorsym.config import ChangeFlags as change_flags  # noqa: N813 - Theano's spelling
from tensorsym.config import Config as TheanoConfigParser

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "THEANO_FLAGS",
    "AddConfigVar",
    "BoolParam",
    "ConfigParam",
    "EnumStr",
    "FloatParam",
    "IntParam",
    "StrParam",
    "TheanoConfigParser",
    "TypedParam",
    "change_flags",
    "config",
]

THEANO_FLAGS = os.environ.get("THEANO_FLAGS", "")


class ConfigParam:
    """A setting that a program adds: its default and what checks or converts values.

    Parameters
    ----------
    default : object
        The default, or a function that returns it.
    filter : callable, optional
        From a given value to the one kept.
    allow_override : bool
        Kept for Theano programs.
    """

    choices: tuple[Any, ...] = ()

    def __init__(
        self,
        default: Any,
        filter: Callable[[Any], Any] | None = None,
        allow_override: bool = True,
    ) -> None:
        value = default() if callable(default) else default
        self.default = value if filter is None else filter(value)


class TypedParam(ConfigParam):
    """A setting of one type.

    Parameters
    ----------
    default : object
        The default.
    mytype : type
        Values are converted to it.
    is_valid : callable, optional
        Tells whether the default is accepted.
    allow_override : bool
        Kept for Theano programs.
    """

    def __init__(
        self,
        default: Any,
        mytype: type,
        is_valid: Callable[[Any], bool] | None = None,
        allow_override: bool = True,
    ) -> None:
        super().__init__(default, mytype, allow_override)
        if is_valid is not None and not is_valid(self.default):
            raise ValueError(f"{default!r} is no valid value of this setting")


class EnumStr(ConfigParam):
    """A setting that is one of several words.

    Parameters
    ----------
    default : str
        The default.
    *options : str
        The other words.
    **kwargs
        `allow_override`, kept for Theano programs.
    """

    def __init__(self, default: str, *options: str, **kwargs: Any) -> None:
        super().__init__(default, **kwargs)
        self.choices = (default, *options)


def StrParam(
    default: Any, is_valid: Callable[[Any], bool] | None = None, allow_override: bool = True
) -> TypedParam:
    """Return a setting that is a text."""
    return TypedParam(default, str, is_valid, allow_override)


def IntParam(
    default: Any, is_valid: Callable[[Any], bool] | None = None, allow_override: bool = True
) -> TypedParam:
    """Return a setting that is an integer."""
    return TypedParam(default, int, is_valid, allow_override)


def FloatParam(
    default: Any, is_valid: Callable[[Any], bool] | None = None, allow_override: bool = True
) -> TypedParam:
    """Return a setting that is a float."""
    return TypedParam(default, float, is_valid, allow_override)


def BoolParam(
    default: Any, is_valid: Callable[[Any], bool] | None = None, allow_override: bool = True
) -> TypedParam:
    """Return a setting that is true or false."""
    return TypedParam(default, bool, is_valid, allow_override)


def AddConfigVar(
    name: str, doc: str, configparam: ConfigParam, root: Any = config, in_c_key: bool = True
) -> None:
    """Add a setting; a value that THEANO_FLAGS gave it before counts.

    Parameters
    ----------
    name : str
        Dotted name.
    doc : str
        What it is for.
    configparam : ConfigParam
        Default and accepted values.
    root : Config
        Where it is added.
    in_c_key : bool
        Kept for Theano programs.

    Raises
    ------
    AttributeError
        If there is a setting of that name.

    Examples
    --------
    >>> from tensorsym.configparser import AddConfigVar, StrParam, config
    >>> AddConfigVar("example.folder", "Where data lie.", StrParam("/data"))
    >>> config.example.folder
    '/data'
    """
    if name in OPTIONS:
        raise AttributeError(f"there is a setting {name} already")
    try:
        given = config.get(name)
    except AttributeError:
        given = configparam.default
    option = Option(name, configparam.default, configparam.choices, doc)
    value = option.parse(given)
    OPTIONS[name] = option
    root.set(name, value)
