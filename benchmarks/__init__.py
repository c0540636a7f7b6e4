"""How fast rnnlm is on this machine: `python -m benchmarks`."""
