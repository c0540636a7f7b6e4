from pathlib import Path

import pytest

from rnnlm_cli import machine
from rnnlm_cli.errors import ConfigError

MEMINFO = "MemTotal: 90 kB\nMemFree: 1 kB\nMemAvailable:    60 kB\nSwapFree: 4 kB\n"


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with 64 KiB free and no container; the folder of its files."""
    monkeypatch.setattr(machine, "_MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(machine, "_CGROUP", tmp_path)
    monkeypatch.setattr(machine, "_OWN_CGROUP", tmp_path / "own")
    (tmp_path / "meminfo").write_text(MEMINFO)
    (tmp_path / "memory").mkdir()
    return tmp_path


def test_what_is_available_and_the_swap_are_free() -> None:
    assert machine.free_bytes() == 64 << 10


@pytest.mark.parametrize(
    ("limit", "used"),
    [
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ],
)
def test_a_container_leaves_what_its_limit_leaves(limit: str, used: str, files: Path) -> None:
    (files / limit).write_text("9000\n")
    (files / used).write_text("2000\n")
    statistics = "anon 7\ninactive_file 500\ntotal_inactive_file 500\n"
    (files / used).with_name("memory.stat").write_text(statistics)
    assert machine.free_bytes() == 7500
    (files / limit).write_text("max\n")
    assert machine.free_bytes() == 64 << 10


@pytest.mark.parametrize(
    ("own", "limit", "used"),
    [
        ("0::/slurm/job", "memory.max", "memory.current"),
        ("7:cpu:/\n4:memory,x:/slurm/job\n0::/", "memory.limit_in_bytes", "memory.usage_in_bytes"),
    ],
)
@pytest.mark.parametrize("place", ["slurm/job", "slurm"])
def test_a_job_leaves_what_the_limit_of_its_group_and_of_those_around_it_leaves(
    own: str, limit: str, used: str, place: str, files: Path
) -> None:
    (files / "own").write_text(own + "\n")
    folder = files / ("memory" if "_in_" in limit else "") / place
    folder.mkdir(parents=True)
    (folder / limit).write_text("9000\n")
    (folder / used).write_text("2000\n")
    (folder / "memory.stat").write_text("inactive_file 500\ntotal_inactive_file 500\n")
    assert machine.free_bytes() == 7500


@pytest.fixture
def bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "bound_cores", lambda: 64)


@pytest.mark.parametrize(
    ("limits", "cores"),
    [
        ({"cpu.max": "200000 100000"}, 2),
        ({"cpu.max": "150000 100000"}, 2),
        ({"cpu.max": "50000 100000"}, 1),
        ({"cpu.max": "max 100000"}, None),
        ({"cpu/cpu.cfs_quota_us": "300000", "cpu/cpu.cfs_period_us": "100000"}, 3),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, None),
        ({"cpu/cpu.cfs_quota_us": "300000"}, None),
        ({"cpu.max": "9 2", "pod/cpu.max": "400000 100000", "pod/own/cpu.max": "max 1"}, 4),
        ({}, None),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("bound")
def test_the_time_of_a_container_is_that_of_so_many_cores(
    limits: dict[str, str], cores: int | None, files: Path
) -> None:
    (files / "own").write_text("0::/pod/own\n")
    for name, limit in limits.items():
        (files / name).parent.mkdir(parents=True, exist_ok=True)
        (files / name).write_text(limit + "\n")
    assert machine.core_quota() == cores
    assert machine.usable_cores() == (cores or 64)


def test_a_limit_above_what_a_process_is_bound_to_gives_no_more_cores(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "bound_cores", lambda: 3)
    (files / "cpu.max").write_text("800000 100000\n")
    assert machine.usable_cores() == 3


def test_elsewhere_it_is_all_that_the_machine_has(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (files / "meminfo").unlink()
    monkeypatch.setattr("os.sysconf", {"SC_PHYS_PAGES": 5, "SC_PAGE_SIZE": 4096}.__getitem__)
    assert machine.free_bytes() == 5 * 4096


def test_where_nothing_is_known_nothing_is_refused(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (files / "meminfo").write_text("MemTotal: a lot\n")
    monkeypatch.delattr("os.sysconf")
    assert machine.free_bytes() is None
    machine.need("this run", {"all": 10**30}, "take less")
    assert machine.has_room({"all": 10**30})


def test_there_is_room_for_what_is_free_and_no_more() -> None:
    assert machine.has_room({"a": 65_000, "b": 536})
    assert not machine.has_room({"a": 65_000, "b": 537})


def test_the_arithmetic_of_a_refusal_is_shown() -> None:
    machine.need("this run", {"a": 60_000, "b": 5_000}, "take less")
    with pytest.raises(ConfigError) as refusal:
        machine.need("this run", {"few": 3 * 10**8, "least": 10**6, "many": 2 * 10**9}, "take less")
    assert str(refusal.value) == (
        "this run needs about 2.3 GB of memory (many 2.0 GB, few 300 MB), but 0 MB are free: "
        "take less"
    )
