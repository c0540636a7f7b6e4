"""What NumPy, its BLAS and torch compute with on another processor than this one.

OpenBLAS takes the kernels that it is told to take, NumPy leaves out the instructions that the other
processor lacks, by the names that this NumPy has for them. A newer processor can be an older one,
never the reverse.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

# What is in NumPy's names of the instructions that a processor lacks: "" is in all of them.
LACKS = {"skylakex": (), "haswell": ("AVX512", "X86_V4"), "sandybridge": ("",), "nehalem": ("",)}
# The same for torch and its libraries, where benchmarks have it beside them.
_TORCH = {
    "haswell": {
        "ATEN_CPU_CAPABILITY": "avx2",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    }
}
_OWN = "NPY_", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"  # what a machine may have set

# A process of its own: NumPy and its BLAS choose when they are loaded, and warn of a wrong name.
_LOOK = """
import json, warnings
warnings.simplefilter("error")
import numpy, threadpoolctl
from numpy._core import _multiarray_umath as core
(blas,) = [each for each in threadpoolctl.threadpool_info() if each["user_api"] == "blas"]
features = [name for name in core.__cpu_dispatch__ if core.__cpu_features__[name]]
print(json.dumps({"numpy": numpy.__version__, "features": features} | blas))
"""


def in_use(environment: dict[str, str]) -> dict[str, Any]:
    """What NumPy and its BLAS choose under these settings."""
    look = [sys.executable, "-c", _LOOK]
    done = subprocess.run(look, env=environment, check=True, capture_output=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def settings(kernel: str) -> dict[str, str]:
    """This environment with the `kernel`, without the features that its processor lacks."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(_OWN)}
    features = in_use(own)["features"]
    off = [name for name in features if any(part in name for part in LACKS[kernel])]
    chosen = {"OPENBLAS_CORETYPE": kernel, "NPY_DISABLE_CPU_FEATURES": ",".join(off)}
    return own | chosen | _TORCH.get(kernel, {})


def checked(kernel: str) -> tuple[dict[str, str], dict[str, Any]]:
    """`settings` and what is in use under them.

    Ends the program where that is not what was asked for.
    """
    environment = settings(kernel)
    used = in_use(environment)
    if str(used["architecture"]).lower() != kernel:
        sys.exit(f"asked for {kernel}, but this machine computes with {used['architecture']}")
    off = environment["NPY_DISABLE_CPU_FEATURES"].split(",")
    if still_on := set(off) & set(used["features"]):
        sys.exit(f"asked for a NumPy without {', '.join(sorted(still_on))}")
    return environment, used
