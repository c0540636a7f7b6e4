"""A time as one writes it."""

from __future__ import annotations

import re

from rnnlm_cli.errors import ConfigError, quoted

_SECONDS = {"h": 3600, "m": 60, "s": 1}
_NUMBER = r"(\d+(?:\.\d+)?)"
_DURATION = re.compile("".join(f"(?:{_NUMBER}{unit})?" for unit in _SECONDS), re.ASCII)


def parse_duration(text: str) -> float:
    """Seconds of "90s", "10m", "1h", "1h30m". Raises ConfigError."""
    match = _DURATION.fullmatch(text)
    if not text or match is None:
        raise ConfigError(f"{quoted(text)} is no duration: write it as 90s, 10m or 1h30m")
    return sum(
        float(n) * unit for n, unit in zip(match.groups(), _SECONDS.values(), strict=True) if n
    )
