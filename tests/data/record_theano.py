"""Ask Theano 1.0.5 and write its answers down, as the JSON files beside this script.

The tests read the files, never Theano: nothing here runs in the tests or on a user's machine. To
record again, under Python 3.8 (Theano's last) with a C++ compiler::

    python3.8 -m venv theano38
    theano38/bin/pip install numpy==1.19.5 "scipy<1.6" six theano==1.0.5
    theano38/bin/python tests/data/record_theano.py [file ...]

Programs that compute are asked up to three times: FAST_COMPILE and FAST_RUN on Theano's Python
implementations, FAST_RUN on its C code. `expect` is the first answer; `also` holds the others where
they differ, by the name of the way. An answer "crash" means that the C code killed the process.
"""

# ruff: noqa: E501, UP031, B905, SIM905, PLC0415, PLR0402
# (a program is one line, however long; this runs on Python 3.8)

from __future__ import annotations

import importlib
import json
import os
import pathlib
import platform
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
FILES = (
    "elementwise_dtypes reductions constants shapes filtering errors values gradients printing "
    "functions convolution checks"
).split()
FLAGS = {"python": "cxx=", "c": "cmodule.warn_no_version=False"}


def module_of(name):
    """Return the module of questions of one file."""
    return importlib.import_module("recorders." + name.replace("elementwise_dtypes", "elementwise"))


def ask(name, way):
    """Return the answers of one file, `{group: [answers of a case per mode]}`, in this process."""
    import theano.ifelse
    import theano.tensor as tensor
    import theano.tensor.nlinalg
    import theano.tensor.nnet.bn
    import theano.tensor.nnet.conv3d2d
    import theano.tensor.nnet.neighbours
    import theano.tensor.signal.conv
    import theano.tensor.signal.pool
    from recorders import outcome

    import theano

    module = module_of(name)
    names = outcome.namespace(theano, tensor)
    modes = ["FAST_RUN"] if way == "c" else ["FAST_COMPILE", "FAST_RUN"]
    if not hasattr(module, "EXECUTES"):
        modes = modes[:1]
    found = {}
    for group, cases in module.groups().items():
        if way == "c" and not in_c(module, group):
            continue
        found[group] = [[ask_one(case, names, module, mode) for mode in modes] for case in cases]
        print(name, way, group, len(cases), file=sys.stderr, flush=True)
    return found


def in_c(module, group):
    """Tell whether the C code is asked about a group."""
    chosen = getattr(module, "IN_C", ())
    return chosen is True or (chosen and group in chosen)


def ask_one(case, names, module, mode):
    """Return the answers of one case under one mode."""
    from recorders import outcome

    names["theano"].config.mode = mode
    return in_child(lambda: outcome.answers(case, names, getattr(module, "OVER", {})))


def in_child(action):
    """Run `action` in a forked child, so that a trap in C code (NumPy's too) ends the child alone."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        with os.fdopen(writer, "w") as pipe:
            json.dump(action(), pipe)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        text = pipe.read()
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        return [{"error": "crash", "bases": [], "message": signal.Signals(status & 127).name}]
    return json.loads(text)


def settled(case, by_way, messages):
    """Return the case with its answers: `out` for a sweep, `expect` and `also` for the rest."""
    from recorders import outcome

    if outcome.is_sweep(case):
        return dict(case, out=" ".join(outcome.word(one) for one in by_way["FAST_COMPILE"]))
    expect = trimmed(by_way.pop("FAST_COMPILE")[0], messages)
    made = dict(case, expect=expect)
    also = {way: trimmed(answer[0], messages) for way, answer in by_way.items()}
    also = {way: answer for way, answer in also.items() if differs(expect, answer)}
    if also.get("C") is not None and not differs(also["C"], also.get("FAST_RUN")):
        also["FAST_RUN and C"] = also.pop("C")
        del also["FAST_RUN"]
    return dict(made, also=also) if also else made


def differs(expect, answer):
    """Tell whether two recorded answers are different claims."""
    from recorders import outcome

    if isinstance(answer, dict) and "error" in answer:
        same = isinstance(expect, dict) and expect.get("error") == answer["error"]
        return not same
    if isinstance(expect, dict) and "error" in expect:
        return True
    return bool(outcome.difference(expect, answer))


def trimmed(answer, messages):
    """Drop the message and the base classes of an error where the file does not claim them."""
    if isinstance(answer, dict) and "error" in answer and not messages:
        return {"error": answer["error"]}
    if isinstance(answer, dict):
        return {key: trimmed(value, messages) for key, value in answer.items()}
    if isinstance(answer, list) and not messages:
        return [trimmed(value, messages) for value in answer]
    return answer


def asked_elsewhere(name, way):
    """Return the answers of `ask` from a fresh process with the flags of the way."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        flags = os.environ.get("THEANO_FLAGS", "") + "," + FLAGS[way]
        environment = dict(os.environ, THEANO_FLAGS=flags.strip(","))
        command = [sys.executable, __file__, "--ask", name, way, file.name]
        subprocess.run(command, env=environment, check=True)
        return json.loads(pathlib.Path(file.name).read_text())


def record(name):
    """Ask about one file every way and write it."""
    module = module_of(name)
    python = asked_elsewhere(name, "python")
    in_c_code = asked_elsewhere(name, "c") if hasattr(module, "IN_C") else {}
    groups = {}
    for group, cases in module.groups().items():
        rows = []
        for position, case in enumerate(cases):
            by_way = dict(zip(("FAST_COMPILE", "FAST_RUN"), python[group][position]))
            if group in in_c_code and not not_built(in_c_code[group][position][0]):
                by_way["C"] = in_c_code[group][position][0]
            rows.append(settled(case, by_way, hasattr(module, "MESSAGES")))
        groups[group] = without_repeats(rows)
    write(HERE / (name + ".json"), header(getattr(module, "OVER", {})), groups)


def not_built(answer):
    """Tell whether the C answer is only that this machine could not load the module built."""
    return isinstance(answer[0], dict) and answer[0].get("error") == "ImportError"


def without_repeats(rows):
    """Drop float32 sweeps that say what the float64 sweep of the same line said."""
    plain = {(row["code"], row.get("vars")): row.get("out") for row in rows if "flags" not in row}
    return [
        row
        for row in rows
        if not (
            "out" in row
            and row.get("flags") == {"floatX": "float32"}
            and plain.get((row["code"], row.get("vars"))) == row["out"]
        )
    ]


def header(lists):
    """Return what made the file: versions, flags, the lists that sweeps run over."""
    import numpy
    import scipy

    made = {
        "theano": "1.0.5",
        "numpy": numpy.__version__,
        "scipy": scipy.__version__,
        "python": platform.python_version(),
        "flags": FLAGS,
        "config": {"floatX": "float64", "cast_policy": "custom", "int_division": "int"},
    }
    return dict(made, lists=lists) if lists else made


def write(path, head, groups):
    """Write one case per line, groups sorted, what all cases of a group share said once."""
    parts = []
    for group in sorted(groups):
        rows = groups[group]
        common = {
            key: rows[0][key]
            for key in ("vars", "flags")
            if key in rows[0] and all(row.get(key) == rows[0][key] for row in rows)
        }
        body = ",\n".join(dump({k: v for k, v in row.items() if k not in common}) for row in rows)
        parts.append('%s:{"common":%s,"cases":[\n%s]}' % (dump(group), dump(common), body))
    path.write_text('{"header":%s,\n"groups":{\n%s}}\n' % (dump(head), ",\n".join(parts)))


def dump(value):
    """Write JSON without spaces, keys sorted."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def main(arguments):
    """Record the files named, or all."""
    if arguments[:1] == ["--ask"]:
        name, way, target = arguments[1:]
        pathlib.Path(target).write_text(json.dumps(ask(name, way)))
        return
    for name in arguments or FILES:
        record(name)


if __name__ == "__main__":
    main(sys.argv[1:])
