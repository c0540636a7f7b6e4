"""The command: `rnnlm`, or `python -m rnnlm_cli`."""

import sys


def main() -> None:
    """Run the command; a Ctrl-C while it is still being loaded ends it in one word too."""
    try:
        from rnnlm_cli.cli.app import main as run

        run()
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        sys.exit(130)


if __name__ == "__main__":
    main()
