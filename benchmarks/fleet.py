"""The peers' processes: which there are, how they start, how they are asked."""

from __future__ import annotations

import glob
import json
import os
import select
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["PEERS", "Peer", "Process", "environment", "interpreter"]

ROOT = Path(__file__).resolve().parents[1]
ONE_THREAD = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)  # fmt: skip


@dataclass(frozen=True)
class Peer:
    """One column of the table.

    Parameters
    ----------
    name : str
        As the table calls it.
    module : str
        Of `benchmarks.peers`.
    setting : str
        Passed to `build`.
    home : str
        Which environment: "own" (this interpreter), "peers" or "theano".
    """

    name: str
    module: str
    setting: str = ""
    home: str = "own"


PEERS = (
    Peer("tensorsym", "symbolic", "tensorsym"),
    Peer("numpy", "numpy"),
    Peer("numexpr", "numexpr", home="peers"),
    Peer("pytensor", "symbolic", "pytensor", "peers"),
    Peer("pytensor cvm", "symbolic", "pytensor:cvm", "peers"),
    Peer("jax", "jax", home="peers"),
    Peer("torch", "torch", home="peers"),
    Peer("torch.compile", "torch", "compile", "peers"),
    Peer("theano", "symbolic", "theano", "theano"),
    Peer("c", "loops"),
    Peer("c kept", "loops", "kept"),
)


def interpreter(home: str) -> str:
    """Return the Python of an environment; TENSORSYM_BENCH_PEERS and _THEANO say where they are."""
    if home == "own":
        return sys.executable
    place = os.environ.get(f"TENSORSYM_BENCH_{home.upper()}", str(ROOT / "build" / f"bench-{home}"))
    found = Path(place) / "bin" / "python"
    # Without an environment of their own, peers may be installed beside tensorsym.
    return str(found) if found.exists() or home == "theano" else sys.executable


def old_blas() -> tuple[str, str]:
    """Return folder and name of the BLAS in old NumPy's wheel; empty texts if there is none.

    Theano and PyTensor's C mode link it: later wheels give their symbols other names.
    """
    home = Path(interpreter("theano")).parents[1]
    for path in glob.glob(f"{home}/lib/python3*/site-packages/numpy.libs/libopenblas*"):
        return os.path.split(path)
    return "", ""


def environment(peer: Peer, cache: Path) -> dict[str, str]:
    """Return a peer's environment: one thread, caches in `cache`."""
    place, name = old_blas()
    blas = f"-L{place} -l:{name}" if name else ""
    own = {
        "THEANO_FLAGS": f"base_compiledir={cache}/theano,blas.ldflags={blas},device=cpu",
        "PYTENSOR_FLAGS": f"base_compiledir={cache}/pytensor,blas__ldflags={blas}",
        "NUMBA_CACHE_DIR": f"{cache}/numba",
        "TORCHINDUCTOR_CACHE_DIR": f"{cache}/torch",
        "TENSORSYM_CACHE": f"{cache}/tensorsym",
        "XDG_CACHE_HOME": f"{cache}/xdg",
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
        "TORCHINDUCTOR_COMPILE_THREADS": "1",
        # Installed packages have their bytecode; imports are measured as users meet them.
        "PYTHONDONTWRITEBYTECODE": "",
    }
    if peer.module == "symbolic" and peer.home != "own":
        own["LD_LIBRARY_PATH"] = os.pathsep.join(
            filter(None, (place, os.environ.get("LD_LIBRARY_PATH")))
        )
    # A settings' string for tensorsym must not reach Theano, nor the other way round.
    theano_flags = own["THEANO_FLAGS"] if peer.home == "theano" else ""
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", ""))))
    return {
        **os.environ, **own, **dict.fromkeys(ONE_THREAD, "1"), "PYTHONPATH": path,
        "THEANO_FLAGS": theano_flags,
    }  # fmt: skip


class Process:
    """A peer's process.

    Parameters
    ----------
    peer : Peer
        Which.
    cache : Path
        Where its compiled code is kept.

    Attributes
    ----------
    absent : str
        Why the peer can not take part; empty if it can.
    """

    def __init__(self, peer: Peer, cache: Path) -> None:
        self.peer = peer
        self.cache = cache
        self.absent = ""
        self.errors: Any = None
        self.start()

    def start(self) -> None:
        """Start, and wait until the library is imported."""
        python = interpreter(self.peer.home)
        if not Path(python).exists():
            self.absent = "no environment (benchmarks/theano_env.sh makes it)"
            return
        command = [python, "-m", "benchmarks.worker", self.peer.module, self.peer.setting]
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self.child = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(self.peer, self.cache),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
        )
        ready = self.read(300)
        self.absent = ready.get("absent", "") or ready.get("failed", "")

    def ask(self, request: dict[str, Any], timeout: float) -> dict[str, Any]:
        """Return the answer; a peer that needs longer is ended and started again."""
        if self.absent:
            return {"absent": self.absent}
        assert self.child.stdin is not None
        self.child.stdin.write((json.dumps(request) + "\n").encode())
        self.child.stdin.flush()
        answer = self.read(timeout)
        if "gone" in answer:
            self.stop()
            self.start()
        return answer

    def read(self, timeout: float) -> dict[str, Any]:
        """Return the next line of answers."""
        assert self.child.stdout is not None
        ready, _, _ = select.select([self.child.stdout], [], [], timeout)
        if not ready:
            return {"failed": f"no answer within {timeout:g} s", "gone": True}
        line = self.child.stdout.readline()
        if not line:
            self.errors.seek(0)
            last = self.errors.read().decode(errors="replace").strip().splitlines()[-1:]
            return {"failed": f"the process ended: {''.join(last)[:200]}", "gone": True}
        answer: dict[str, Any] = json.loads(line)
        return answer

    def stop(self) -> None:
        """End the process."""
        if hasattr(self, "child"):
            self.child.kill()
            self.child.wait()
            self.errors.close()
