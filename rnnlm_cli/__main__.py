"""`python -m rnnlm_cli`: the same as `rnnlm`."""

from rnnlm_cli.cli.app import main

main()
