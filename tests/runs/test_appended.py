from pathlib import Path
from typing import Any

from rnnlm_cli.runs.appended import AppendedFile


class Full:
    """A file on a disk that has no room."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.fileno, self.truncate = file.fileno, file.truncate

    def write(self, data: bytes) -> int:
        raise OSError(28, "No space left on device")


def test_a_write_that_fails_leaves_a_file_that_another_cut_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "m.log"
    appended = AppendedFile(path, "--log", anew=True)
    appended.add([b"a long record\n"])
    path.write_bytes(b"theirs\n")
    file = appended._file
    appended._file = Full(file)  # type: ignore[assignment]
    assert appended.add([b"one more\n"])
    assert path.read_bytes() == b"theirs\n"
    file.close()
