"""The command: `rnnlm`, or `python -m rnnlm_cli`."""

import sys

from rnnlm_cli.cli.launched import launched
from rnnlm_cli.threads import let_idle_blas_threads_sleep


def main() -> None:
    """Run the command; a Ctrl-C while it is still being loaded ends it in one word too."""
    let_idle_blas_threads_sleep()
    try:
        if launched():
            from rnnlm_cli.cli.as_rank import main as run
        else:
            from rnnlm_cli.cli.app import main as run
        run()
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        sys.exit(130)


if __name__ == "__main__":
    main()
