"""`function`: from expressions to a callable, and `Function`, the callable."""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import BindingError, TensorSymError
from tensorsym.extend import announce
from tensorsym.graph.collector import uncollected
from tensorsym.graph.origin import current_origin
from tensorsym.language.tensortype import TensorType
from tensorsym.runtime._call import Entry, enable_vectorcall
from tensorsym.runtime.backends import build_executable
from tensorsym.runtime.container import Container, ContainerView
from tensorsym.runtime.footprint import Footprint
from tensorsym.runtime.io import In, as_in, as_out
from tensorsym.runtime.modes import get_mode
from tensorsym.runtime.profile import profile_of
from tensorsym.runtime.recipe import Recipe, default_containers, pairs_of
from tensorsym.runtime.shared import SharedVariable

if TYPE_CHECKING:
    from tensorsym.graph.functiongraph import FunctionGraph
    from tensorsym.runtime.modes import Mode
    from tensorsym.runtime.profile import ProfileStats
    from tensorsym.runtime.recipe import Resolved

__all__ = ["Function", "FunctionMaker", "function"]


def function(
    inputs: Any = None,
    outputs: Any = None,
    mode: Any = None,
    updates: Any = None,
    givens: Any = None,
    no_default_updates: Any = False,
    accept_inplace: bool = False,
    name: str | None = None,
    rebuild_strict: bool = True,
    allow_input_downcast: bool | None = None,
    profile: Any = None,
    on_unused_input: str | None = None,
    trust_input: bool = False,
    device: str | None = None,
) -> Function:
    """Return a callable that computes `outputs` from `inputs` and updates shared variables.

    Parameters
    ----------
    inputs : list of Variable or In
        Arguments of the callable, in order.
    outputs : Variable, Out, list, dict with str keys, or None
        What a call returns, in the same form; for None an empty list.
    mode : str or Mode, optional
        How to compile; the default is `config.mode`.
    updates : dict or list of (shared, expression), optional
        New values of shared variables, computed from the old ones and published together after the
        call.
    givens : dict or list of (Variable, Variable), optional
        Substitutions made in outputs and updates first.
    no_default_updates : bool or list of shared variables
        Whether (or for which variables) `default_update` is left out.
    accept_inplace : bool
        Kept for Theano programs.
    name : str, optional
        Name in messages and profiles.
    rebuild_strict : bool
        Whether givens must have the types of what they replace; a dtype that the other holds is
        cast.
    allow_input_downcast : bool, optional
        True converts arguments even where digits are lost, False never, None only Python floats to
        floatX.
    profile : bool, str or ProfileStats, optional
        Whether `f.profile` takes down what calls cost, and is printed when the program ends; a
        string names it. The default is `config.profile`.
    on_unused_input : {'raise', 'warn', 'ignore'}, optional
        What to do about inputs that nothing needs.
    trust_input : bool
        Whether calls skip the check of arguments.
    device : str, optional
        Where it runs: cpu, cuda, cuda:N or auto; the default is `config.device`.

    Returns
    -------
    Function
        Thread-safe; an exception in a call leaves all shared values as they were.

    Raises
    ------
    UnusedInputError, MissingInputError, DuplicateInputError, TypeError
        If inputs, updates or givens do not fit.

    Examples
    --------
    >>> import tensorsym
    >>> import tensorsym.tensor as T
    >>> x = T.dscalar("x")
    >>> f = tensorsym.function([x], x**2)
    >>> float(f(3.0))
    9.0
    """
    if inputs is None:
        inputs = []
    if not isinstance(inputs, list | tuple):
        raise TypeError(
            f"the inputs of a function are a list, got {type(inputs).__name__}: write [{inputs}]"
        )
    form, keys, items = _form_of(outputs)
    recipe = Recipe(
        [
            as_in(copy.copy(item) if isinstance(item, In) else item, allow_input_downcast)
            for item in inputs
        ],
        [as_out(item) for item in items],
        form,
        keys,
        pairs_of(updates, "updates"),
        pairs_of(givens, "givens"),
        no_default_updates,
        rebuild_strict,
        on_unused_input,
        name if name is not None else _call_site(),
        device,
    )
    made = FunctionMaker(recipe, get_mode(mode), profile_of(profile, recipe.name)).create()
    made.trust_input = trust_input
    return made


def _call_site() -> str | None:
    """Return where the user calls `function`, which names functions that are given no name."""
    place = current_origin()
    return f"{place[0][0]}:{place[0][1]}" if place else None


def _form_of(outputs: Any) -> tuple[str, tuple[str, ...], list[Any]]:
    """Return the form, keys and list of a function's outputs."""
    if outputs is None:
        return "none", (), []
    if isinstance(outputs, Mapping):
        for key in outputs:
            if not isinstance(key, str):
                raise AssertionError(f"the keys of a dict of outputs are strings, got {key!r}")
        keys = tuple(sorted(outputs))
        return "dict", keys, [outputs[key] for key in keys]
    if isinstance(outputs, list | tuple):
        return "list", (), list(outputs)
    return "one", (), [outputs]


class FunctionMaker:
    """Compiles a recipe.

    Parameters
    ----------
    recipe : Recipe
        What was asked.
    mode : Mode
        How to compile.
    profile : ProfileStats, optional
        What takes down the costs of calls.

    Attributes
    ----------
    fgraph : FunctionGraph
        The rewritten graph, before it becomes a plan.
    report : object
        What the rewrites did.
    """

    def __init__(self, recipe: Recipe, mode: Mode, profile: ProfileStats | None = None) -> None:
        self.recipe = recipe
        self.mode = mode
        self.profile = profile
        self.inputs = recipe.inputs
        self.outputs = recipe.outputs
        self.name = recipe.name
        self.function_graph: FunctionGraph | None = None
        self.report: Any = None

    @property
    def fgraph(self) -> FunctionGraph:
        """The rewritten graph."""
        assert self.function_graph is not None
        return self.function_graph

    def create(self) -> Function:
        """Return a new function."""
        started = time.perf_counter()
        with uncollected():
            resolved = self.recipe.resolve()
            collected = time.perf_counter() - started
            built = build_executable(resolved, self.recipe, self.mode, self.profile)
        self.function_graph, self.report = built.graph, built.report
        announce(
            "compiled",
            name=self.recipe.title,
            graph=self.function_graph,
            report=self.report,
            plan=getattr(built.executable, "plan", None),
            stages={"collect": collected, **built.seconds},
            seconds=time.perf_counter() - started,
        )
        made = Function(self, resolved, built.executable)
        if self.profile is not None:
            self.profile.take_compilation(
                time.perf_counter() - started, built.seconds, len(built.graph)
            )
            self.profile.memory = made.memory if made.has_plan else None
        return made


class Function(Entry, Footprint):
    """A compiled function: call it with arrays.

    Positional and keyword arguments are accepted; `output_subset=[keys]` returns some outputs only.

    Attributes
    ----------
    maker : FunctionMaker
        How it was made; `maker.fgraph` is the rewritten graph.
    container : mapping
        Storage of defaults and shared values by input, name or position.
    trust_input : bool
        Whether calls skip the check of arguments.
    profile : ProfileStats or None
        What calls cost, if that was asked for.
    """

    def __init__(self, maker: FunctionMaker, resolved: Resolved, executable: Any) -> None:
        super().__init__()
        self.maker = maker
        self.name = maker.recipe.name
        self.profile = maker.profile
        self.shared_variables = resolved.shared
        self.defaults = default_containers(maker.recipe.inputs)
        # As in Theano, a value set by f[x] = value is for one call: the default comes back after
        # it.
        self.refilled = [
            (container, container.storage[0])
            for item, container in zip(maker.recipe.inputs, self.defaults, strict=True)
            if _is_refilled(item)
        ]
        cells = {
            id(item): container
            for item, container in zip(maker.recipe.inputs, self.defaults, strict=True)
        }
        targets = [
            t.container if isinstance(t, SharedVariable) else cells[id(t)] for t in resolved.targets
        ]
        written = sorted(
            {t for t in resolved.targets if isinstance(t, SharedVariable)}, key=lambda t: t.serial
        )
        # Arrays in a GPU's memory are taken as they are by functions that run there.
        self.adopt = getattr(executable, "adopt", None)
        self.connect(
            executable,
            [_check_of(item) for item in maker.recipe.inputs],
            [variable.container.storage for variable in resolved.shared],
            [container.storage for container in targets],
            [variable.lock for variable in written],
            maker.recipe.form,
            maker.recipe.keys,
            resolved.n_outputs,
        )

    def bind(self, positional: list[Any], keywords: dict[str, Any]) -> Any:
        """Convert arguments, fill in defaults, and call."""
        subset = keywords.pop("output_subset", None)
        inputs = self.maker.recipe.inputs
        explicit = [i for i, item in enumerate(inputs) if not item.implicit]
        if len(positional) > len(explicit):
            raise BindingError(
                f"{self.maker.recipe.title} got too many arguments",
                got=f"{len(positional)} arguments",
                expected=f"at most {len(explicit)}: {self.signature}",
            )
        given: dict[int, Any] = dict(zip(explicit, positional, strict=False))
        for key, value in keywords.items():
            index = self._position(key)
            if index in given:
                raise BindingError(f"{self.maker.recipe.title} got the argument {key!r} twice")
            given[index] = value
        values = [self._value(i, item, given) for i, item in enumerate(inputs)]
        self._refuse_aliases(values)
        result = self.run_bound(values)
        for container, default in self.refilled:
            container.storage[0] = default
        return result if subset is None else self._subset(result, subset)

    @property
    def signature(self) -> str:
        """The arguments as text."""
        return ", ".join(
            str(item.name or item.variable)
            for item in self.maker.recipe.inputs
            if not item.implicit
        )

    def _position(self, key: Any) -> int:
        matches = [
            i
            for i, item in enumerate(self.maker.recipe.inputs)
            if item.name == key or item.variable is key or (isinstance(key, int) and i == key)
        ]
        if not matches:
            raise BindingError(
                f"{self.maker.recipe.title} has no argument {key!r}",
                expected=f"one of: {self.signature}",
            )
        if len(matches) > 1:
            raise BindingError(
                f"{self.maker.recipe.title} has several arguments named {key!r}; "
                "pass them by position"
            )
        return matches[0]

    def _value(self, index: int, item: In, given: dict[int, Any]) -> Any:
        if given.get(index) is None:
            value = self.defaults[index].storage[0]
            if value is None and not item.variable.type.is_valid_value(None):
                recipe = self.maker.recipe
                raise BindingError(
                    f"{recipe.title} misses argument {index}, {item.name or item.variable}",
                    got=f"arguments for {[str(recipe.inputs[i].variable) for i in given]}",
                    expected=f"all of: {self.signature}",
                )
            # What the function overwrites must not be the default of the next call.
            return copy.copy(value) if item.mutable and item.update is None else value
        value = given[index]
        if isinstance(value, Container):
            value = value.storage[0]
        if self.trust_input:
            return value
        if self.adopt is not None:
            on_device = self.adopt(value, index)
            if on_device is not None:
                return on_device
        try:
            return item.variable.type.filter(
                value, strict=item.strict, allow_downcast=item.allow_downcast
            )
        except (TypeError, ValueError) as error:
            self._explain(error, index, item)
            raise

    def _explain(self, error: Exception, index: int, item: In) -> None:
        title = self.maker.recipe.title
        text = f"Bad input argument {index} ({item.name or item.variable}) of {title}"
        first = str(error.args[0]) if error.args else ""
        error.args = (f"{text}: {first}", *error.args[1:])
        if isinstance(error, TensorSymError):
            error.what = f"{text}: {error.what}"

    def _refuse_aliases(self, values: list[Any]) -> None:
        """Copy arguments that share memory with one that may be overwritten."""
        inputs = self.maker.recipe.inputs
        for i, item in enumerate(inputs):
            if not item.mutable or not isinstance(values[i], np.ndarray):
                continue
            for j, other in enumerate(values):
                if (
                    j != i
                    and isinstance(other, np.ndarray)
                    and np.may_share_memory(values[i], other)
                ):
                    values[j] = other.copy()

    def _subset(self, result: Any, subset: Any) -> Any:
        """Return the outputs that `output_subset` asks for, by key or position."""
        try:
            if isinstance(result, dict):
                return {key: result[key] for key in subset}
            return [result[int(key)] for key in subset]
        except (LookupError, ValueError, TypeError) as error:
            known = list(result) if isinstance(result, dict) else f"positions below {len(result)}"
            raise BindingError(
                f"{self.maker.recipe.title} has no such outputs",
                got=f"output_subset={subset!r}",
                expected=f"some of {known}",
            ) from error

    @property
    def container(self) -> ContainerView:
        """Storage of defaults and shared values by input, name or position."""
        shared = [(variable, variable.container) for variable in self.shared_variables]
        return ContainerView(shared, self.defaults, self._position)

    @property
    def value(self) -> Function:
        """Values of defaults and shared variables by input, name or position, as `f[key]`."""
        return self

    def __getitem__(self, key: Any) -> Any:
        return self.container[key].value

    def __setitem__(self, key: Any, value: Any) -> None:
        """Set a shared value, an input's state if it has an update, or its value for one call."""
        self.container[key].value = value

    def __contains__(self, key: Any) -> bool:
        return key in self.container

    def get_shared(self) -> list[SharedVariable]:
        """Return the shared variables the function reads or updates."""
        return list(self.shared_variables)

    def free(self) -> None:
        """Give back memory kept between calls."""
        release = getattr(self.executable, "give_back", None)
        if release is not None:
            release()

    def sync_shared(self) -> None:
        """Wait for work on shared variables to end; on the CPU there is none."""

    def copy(
        self,
        share_memory: bool = False,
        swap: Mapping[Any, Any] | None = None,
        delete_updates: bool = False,
        name: str | None = None,
        profile: Any = None,
    ) -> Function:
        """Return a copy of the function.

        Parameters
        ----------
        share_memory : bool
            Kept for Theano programs: workspaces are per call.
        swap : mapping, optional
            Shared variables and what the copy uses in their place.
        delete_updates : bool
            Whether the copy has no updates.
        name : str, optional
            Name of the copy.
        profile : optional
            As for `function`.
        """
        recipe = copy.copy(self.maker.recipe)
        # Inputs that only the deleted updates or the swapped variables used stay: calls keep their
        # form.
        recipe.on_unused_input = "ignore"
        recipe.name = name if name is not None else (f"{self.name} copy" if self.name else None)
        if delete_updates:
            recipe.updates, recipe.no_default_updates = [], True
        if swap:
            recipe.exchange(swap, self.shared_variables)
        made = FunctionMaker(recipe, self.maker.mode, profile_of(profile, recipe.name)).create()
        for mine, theirs in zip(self.defaults, made.defaults, strict=True):
            theirs.storage[0] = copy.deepcopy(mine.storage[0])
        return made

    def __copy__(self) -> Function:
        return self.copy()

    def __deepcopy__(self, memo: dict[int, Any]) -> Function:
        recipe, mode = copy.deepcopy((self.maker.recipe, self.maker.mode), memo)
        return _rebuild(recipe, mode, copy.deepcopy([c.storage[0] for c in self.defaults], memo))

    def __reduce__(self) -> Any:
        return _rebuild, (self.maker.recipe, self.maker.mode, [c.storage[0] for c in self.defaults])

    def __repr__(self) -> str:
        return f"<Function {self.name or ''}({self.signature})>"


enable_vectorcall(Function)


def _check_of(item: In) -> tuple[str, tuple[int | None, ...]] | None:
    """Return what an array must be to be taken without conversion, or None."""
    through_bind = item.implicit or item.mutable or _is_refilled(item)
    if through_bind or not isinstance(item.variable.type, TensorType):
        return None
    return item.variable.type.dtype, item.variable.type.shape


def _is_refilled(item: In) -> bool:
    """Tell whether an input's default comes back after each call."""
    return item.value is not None and item.update is None and not isinstance(item.value, Container)


def _rebuild(recipe: Recipe, mode: Mode, defaults: list[Any]) -> Function:
    made = FunctionMaker(recipe, mode).create()
    for container, value in zip(made.defaults, defaults, strict=True):
        container.storage[0] = value
    return made
