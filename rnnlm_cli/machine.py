"""The cores and the memory that this process may use, and a refusal of what cannot fit in it."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from rnnlm_cli.errors import ConfigError

_CGROUP, _OWN_CGROUP = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")
_MEMINFO = Path("/proc/meminfo")


def usable_cores() -> int:
    """How many cores this process may keep busy."""
    return min(n for n in (bound_cores(), core_quota()) if n is not None)


def bound_cores() -> int:
    """How many cores it may run on: all, or those that a launcher has bound it to."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def core_quota() -> int | None:
    """As many cores as have the time that a container or a job may take; None: it has no limit.

    `docker run --cpus 2` on a machine of 64 cores lets a process run on all of them, and stops it
    for the rest of each tenth of a second in which they have worked for a fifth in all.
    """
    # Rounded up: two threads, now and then stopped, do more than one in the time of 1.5 cores.
    return min((max(1, math.ceil(cores)) for cores in _cgroup_cores()), default=None)


def _cgroup_cores() -> list[float]:
    """Seconds of work a second that each limit allows, by version 2 of cgroups and version 1."""
    found = []
    for controller, files in (
        ("", ["cpu.max"]),
        ("cpu", ["cpu.cfs_quota_us", "cpu.cfs_period_us"]),
    ):
        for folder in _cgroup_folders(controller):
            with suppress(OSError, ValueError):  # not there, or "max"
                time, period = map(int, " ".join((folder / f).read_text() for f in files).split())
                if time > 0 < period:  # without a limit it is -1
                    found.append(time / period)
    return found


def has_room(parts: Mapping[str, int]) -> bool:
    """Whether the `parts` (bytes by name) fit in what is free, as far as the system tells it."""
    free = free_bytes()
    return free is None or sum(parts.values()) <= free


def need(what: str, parts: Mapping[str, int], advice: str, *, held: int = 0) -> None:
    """Raises ConfigError if the `parts` (bytes by name) that `what` needs exceed what is free.

    So many bytes as are `held`, and will be let go for it, count as free. Where the system does not
    tell what is free, nothing is refused.
    """
    known, total = free_bytes(), sum(parts.values())
    if known is not None and total > (free := known + held):
        largest = sorted(((n, name) for name, n in parts.items() if 100 * n > total), reverse=True)
        listed = ", ".join(f"{name} {shown_size(n)}" for n, name in largest)
        raise ConfigError(
            f"{what} needs about {shown_size(total)} of memory ({listed}), but "
            f"{shown_size(free)} are free: {advice}"
        )


def free_bytes() -> int | None:
    """Bytes that this process may still take, swap included; None where that is not known."""
    known = [n for n in (_system_bytes(), *_cgroup_bytes()) if n is not None]
    return min(known, default=None)


def _system_bytes() -> int | None:
    with suppress(OSError, ValueError, KeyError):
        lines = (line.partition(":") for line in _MEMINFO.read_text().splitlines())
        kilobytes = {name: int(rest.split()[0]) for name, _, rest in lines}
        return (kilobytes["MemAvailable"] + kilobytes["SwapFree"]) << 10
    with suppress(OSError, ValueError, AttributeError):  # elsewhere: all there is, free or not
        pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
        return pages * size if pages > 0 else None
    return None


def _cgroup_bytes() -> list[int]:
    """What the limits of a container or a job leave, by version 2 of cgroups and by version 1."""
    left = []
    for controller, limit, used, cache in (
        ("", "memory.max", "memory.current", "inactive_file"),
        (
            "memory",
            "memory.limit_in_bytes",
            "memory.usage_in_bytes",
            "total_inactive_file",
        ),
    ):
        for folder in _cgroup_folders(controller):
            with suppress(OSError, ValueError, KeyError):  # not there, or "max"
                statistics = dict(map(str.split, (folder / "memory.stat").read_text().splitlines()))
                # Files that were read count as used, but the system drops them when needed.
                held = int((folder / used).read_text()) - int(statistics[cache])
                left.append(int((folder / limit).read_text()) - held)
    return left


def _cgroup_folders(controller: str) -> list[Path]:
    """Where limits of this process may stand: its own group, and all around it up to the root.

    In version 1 each controller has groups of its own; version 2 names none.
    """
    root = _CGROUP / controller
    with suppress(OSError):
        for line in _OWN_CGROUP.read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controller in controllers.split(","):
                own = root / path.strip("/")
                return [own, *(folder for folder in own.parents if folder.is_relative_to(root))]
    return [root]


def shown_size(size: int) -> str:
    """Bytes as a person reads them."""
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{size / 1e6:,.0f} MB"


def peak_megabytes() -> float | None:
    """The most memory that this process ever held; None where the system does not tell."""
    with suppress(OSError), open("/proc/self/status") as status:
        # Linux counts into ru_maxrss what the parent held when it started this process.
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / (1 << 10)
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)
