"""What must hold before NumPy is loaded, which the tests do next."""

import os

from rnnlm_cli.threads import let_idle_blas_threads_sleep

# The tests run side by side, one process a core: a BLAS with more threads would wait for itself.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
let_idle_blas_threads_sleep()
