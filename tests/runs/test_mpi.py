"""What a rank may use of its machine; what ranks do together: tests/cli/test_as_rank.py."""

import pytest

from rnnlm_cli.runs import mpi


@pytest.mark.parametrize(
    ("cores", "bound", "quota", "here", "threads"),
    [
        (8, 8, None, 2, 4),  # not bound: they share the cores
        (8, 3, None, 4, 3),  # bound, each to its own
        (8, 8, 5, 2, 2),  # the limit is one for all of them
        (8, 3, 6, 4, 1),
        (2, 2, None, 4, 1),
        (8, 8, 3, 4, 1),
    ],
)
def test_a_rank_has_its_share_of_the_cores(
    cores: int,
    bound: int,
    quota: int | None,
    here: int,
    threads: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    monkeypatch.setattr(mpi, "bound_cores", lambda: bound)
    monkeypatch.setattr(mpi, "core_quota", lambda: quota)
    ranks = mpi.MPIRanks.__new__(mpi.MPIRanks)  # without the library
    ranks.here = here
    assert ranks.threads == threads
