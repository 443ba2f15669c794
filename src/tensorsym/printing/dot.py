"""`pydotprint`: a graph as DOT text, and as a picture where the program `dot` is installed."""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

from tensorsym.errors import DotError
from tensorsym.graph.functiongraph import FunctionGraph
from tensorsym.graph.variable import Apply, Constant, Variable
from tensorsym.graph.walk import toposort
from tensorsym.printing.opnames import op_name
from tensorsym.runtime.function import Function
from tensorsym.runtime.shared import SharedVariable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["default_colorCodes", "dot_text", "pydotprint"]

# Start of an op's text -> colour of its node.
default_colorCodes = {  # noqa: N816 - Theano's name
    "GpuFromHost": "red",
    "HostFromGpu": "red",
    "Scan": "yellow",
    "Shape": "brown",
    "IfElse": "magenta",
    "Elemwise": "#FFAABB",
    "Subtensor": "#FFAAFF",
    "Alloc": "#FFAA22",
    "Output": "blue",
}
TEXT_FORMATS = ("dot", "gv")


def pydotprint(
    fct: Any,
    outfile: str | os.PathLike[str] | None = None,
    compact: bool = True,
    format: str = "png",
    with_ids: bool = False,
    high_contrast: bool = True,
    cond_highlight: Any = None,
    colorCodes: Mapping[str, str] | None = None,
    max_label_size: int = 70,
    scan_graphs: bool = False,
    var_with_name_simple: bool = False,
    print_output_file: bool = True,
    return_image: bool = False,
) -> bytes | None:
    """Draw a graph with Graphviz.

    Parameters
    ----------
    fct : Function, FunctionGraph, Variable, Apply or list of Variable
        What to draw.
    outfile : path, optional
        Where the picture goes; the default is `tensorsym.<format>` in the working directory.
    compact : bool
        Whether results without a name are left out: the edge goes from node to node.
    format : str
        A format of `dot`; 'dot' writes the text itself and needs no program.
    with_ids : bool
        Whether nodes show their place in the order of computation.
    high_contrast : bool
        Whether nodes are filled with their colour.
    cond_highlight : object
        Kept for Theano programs.
    colorCodes : mapping, optional
        Colours by the start of an op's text.
    max_label_size : int
        Longer labels are cut.
    scan_graphs : bool
        Whether graphs inside ops are drawn, each in a file of its own.
    var_with_name_simple : bool
        Whether a named variable shows only its name.
    print_output_file : bool
        Whether to tell where the picture is.
    return_image : bool
        Whether to return the picture instead.

    Raises
    ------
    DotError
        If `dot` is not installed.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import tensorsym.tensor as T
    >>> from tensorsym.printing import pydotprint
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "graph.dot"
    >>> pydotprint(T.exp(T.dvector("x")), path, format="dot", print_output_file=False)
    >>> path.read_text().splitlines()[0]
    'digraph tensorsym {'
    """
    path = os.fspath(outfile) if outfile is not None else f"tensorsym.{format}"
    options: dict[str, Any] = {
        "compact": compact,
        "with_ids": with_ids,
        "high_contrast": high_contrast,
        "colors": {**default_colorCodes, **(colorCodes or {})},
        "max_label_size": max_label_size,
        "var_with_name_simple": var_with_name_simple,
    }
    image = _render(dot_text(fct, **options), format)
    if return_image:
        return image
    with open(path, "wb") as file:
        file.write(image)
    if print_output_file:
        print(f"The output file is available at {path}")
    if scan_graphs:
        root, extension = os.path.splitext(path)
        for number, (node, graph) in enumerate(_inner_graphs(fct)):
            inner_path = f"{root}_{node.op}_{number}{extension}"
            pydotprint(graph, inner_path, format=format, print_output_file=print_output_file)
    return None


def _inner_graphs(fct: Any) -> list[tuple[Apply, FunctionGraph]]:
    return [(node, graph) for node in toposort(_outputs(fct)) for graph in node.op.inner_graphs()]


def _render(text: str, format: str) -> bytes:
    if format in TEXT_FORMATS:
        return text.encode()
    # Both cost 5 ms, which `import tensorsym` does not have.
    shutil, subprocess = importlib.import_module("shutil"), importlib.import_module("subprocess")
    program = shutil.which("dot")
    if program is None:
        raise DotError(
            "drawing a graph needs the program dot, which is not installed",
            hint="install Graphviz, or pass format='dot' and draw the text elsewhere",
        )
    done = subprocess.run(
        [program, f"-T{format}"], input=text.encode(), capture_output=True, check=False
    )
    if done.returncode:
        raise DotError("dot failed", got=done.stderr.decode(errors="replace").strip())
    image: bytes = done.stdout
    return image


def _outputs(fct: Any) -> list[Variable]:
    if isinstance(fct, Function):
        fct = fct.maker.fgraph
    if isinstance(fct, FunctionGraph):
        return list(fct.outputs)
    if isinstance(fct, Apply):
        return list(fct.outputs)
    return [fct] if isinstance(fct, Variable) else list(fct)


def dot_text(
    fct: Any,
    *,
    compact: bool = True,
    with_ids: bool = False,
    high_contrast: bool = True,
    colors: Mapping[str, str] = default_colorCodes,
    max_label_size: int = 70,
    var_with_name_simple: bool = False,
) -> str:
    """Return a graph in the language DOT; see `pydotprint` for the parameters.

    Nodes are ellipses. Boxes are variables: green inputs, cyan shared ones, grey constants, blue
    outputs. An edge is blue where the result is a view of that input, and red where the input is
    overwritten.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.printing.dot import dot_text
    >>> print(dot_text(T.exp(T.dvector("x"))))
    digraph tensorsym {
      n0 [label="Elemwise{exp,no_inplace}", shape=ellipse, style=filled, fillcolor="#FFAABB"];
      v0 [label="x TensorType(float64, vector)", shape=box, style=filled, fillcolor="green"];
      v0 -> n0;
      v1 [label="TensorType(float64, vector)", shape=box, style=filled, fillcolor="blue"];
      n0 -> v1;
    }
    """
    outputs = _outputs(fct)
    drawing = _Drawing(
        set(outputs), compact, high_contrast, colors, max_label_size, var_with_name_simple
    )
    for position, node in enumerate(toposort(outputs)):
        drawing.add_node(node, position, f"{position} " if with_ids else "")
    for output in outputs:
        drawing.box(output)
    return "\n".join(["digraph tensorsym {", *(f"  {line};" for line in drawing.lines), "}"])


class _Drawing:
    """The statements of a DOT graph as they are made."""

    def __init__(
        self,
        outputs: set[Variable],
        compact: bool,
        high_contrast: bool,
        colors: Mapping[str, str],
        max_label_size: int,
        var_with_name_simple: bool,
    ) -> None:
        self.outputs = outputs
        self.compact = compact
        self.high_contrast = high_contrast
        self.colors = colors
        self.max_label_size = max_label_size
        self.simple = var_with_name_simple
        self.lines: list[str] = []
        self.nodes: dict[Apply, str] = {}
        self.boxes: dict[Variable, str] = {}

    def add_node(self, node: Apply, position: int, head: str) -> None:
        """Draw a node and the edges from its inputs."""
        name = self.nodes[node] = f"n{position}"
        text = op_name(node.op)
        color = next((c for start, c in self.colors.items() if text.startswith(start)), "white")
        self._statement(name, head + text, "ellipse", color)
        for index, variable in enumerate(node.inputs):
            attributes = [f'label="{index}"'] if len(node.inputs) > 1 else []
            if _maps_to(node.op.destroy_map, index):
                attributes.append("color=red")
            elif _maps_to(node.op.view_map, index):
                attributes.append("color=blue")
            suffix = f" [{', '.join(attributes)}]" if attributes else ""
            self.lines.append(f"{self._source(variable)} -> {name}{suffix}")

    def _source(self, variable: Variable) -> str:
        """Return where an edge from a variable starts: its box, or the node that computes it."""
        hidden = self.compact and variable.name is None and variable not in self.outputs
        return (
            self.nodes[variable.owner]
            if variable.owner is not None and hidden
            else self.box(variable)
        )

    def box(self, variable: Variable) -> str:
        """Draw a variable if it is not drawn yet, and return its name."""
        if variable not in self.boxes:
            name = self.boxes[variable] = f"v{len(self.boxes)}"
            self._statement(name, self._label(variable), "box", self._color(variable))
            if variable.owner is not None:
                self.lines.append(f"{self.nodes[variable.owner]} -> {name}")
        return self.boxes[variable]

    def _color(self, variable: Variable) -> str:
        if isinstance(variable, SharedVariable):
            return "cyan"
        if variable in self.outputs:
            return "blue"
        if isinstance(variable, Constant):
            return "grey"
        return "green" if variable.owner is None else "white"

    def _label(self, variable: Variable) -> str:
        if isinstance(variable, Constant):
            return str(variable)
        if variable.name is None:
            return str(variable.type)
        return variable.name if self.simple else f"{variable.name} {variable.type}"

    def _statement(self, name: str, label: str, shape: str, color: str) -> None:
        if len(label) > self.max_label_size:
            label = label[: self.max_label_size - 3] + "..."
        escaped = label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        fill = f'style=filled, fillcolor="{color}"' if self.high_contrast else f'color="{color}"'
        self.lines.append(f'{name} [label="{escaped}", shape={shape}, {fill}]')


def _maps_to(memory_map: Mapping[int, Iterable[int]], index: int) -> bool:
    return any(index in inputs for inputs in memory_map.values())
