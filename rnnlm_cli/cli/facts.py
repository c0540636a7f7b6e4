"""What a report of a bug needs: versions, kernels, threads, cores, and where files are kept."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from rnnlm_cli.__version__ import __version__
from rnnlm_cli.corpus.cache_folder import cache_folder
from rnnlm_cli.corpus.reading.named import corpora_folders
from rnnlm_cli.machine import free_bytes, usable_cores
from rnnlm_cli.threads import blas_libraries

DEPENDENCIES = tuple(
    (
        "numpy typer rich tqdm pooch platformdirs threadpoolctl filelock charset-normalizer regex"
    ).split()
)
# Of the environment only what may change results, speed, places or looks: it holds secrets too.
VARIABLES = tuple(
    """
    RNNLM_CACHE RNNLM_CORPORA OPENBLAS_CORETYPE OPENBLAS_NUM_THREADS OPENBLAS_THREAD_TIMEOUT
    OMP_NUM_THREADS MKL_NUM_THREADS NPY_DISABLE_CPU_FEATURES NPY_ENABLE_CPU_FEATURES PYTHONUTF8
    PYTHONIOENCODING LC_ALL LANG TERM COLUMNS NO_COLOR FORCE_COLOR
    """.split()
)


def facts() -> dict[str, Any]:
    """One document, ready for JSON."""
    return {
        "rnnlm": __version__,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "platform": platform.platform(),
        "numpy": np.__version__,
        "simd": np.show_config(mode="dicts")["SIMD Extensions"].get("found", []),
        "blas": [_of_blas(library) for library in blas_libraries()],
        "cores": {"usable": usable_cores(), "all": os.cpu_count()},
        "free_memory": free_bytes(),
        "dependencies": {name: _version(name) for name in DEPENDENCIES},
        "paths": {
            "python": sys.executable,
            "package": str(Path(__file__).parents[1]),
            "cache": str(cache_folder().absolute()),
            "corpora": [str(folder.absolute()) for folder in corpora_folders()],
        },
        "environment": {name: os.environ[name] for name in VARIABLES if name in os.environ},
    }


def _of_blas(library: dict[str, Any]) -> dict[str, Any]:
    names = {
        "name": "internal_api",
        "version": "version",
        "kernel": "architecture",
        "threads": "num_threads",
        "threading": "threading_layer",
    }
    return {name: library.get(key) for name, key in names.items()}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
