"""What a shell asks of the command, and what it is told."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rnnlm_cli.cli.app import main
from rnnlm_cli.cli.completion import VARIABLE
from tests.cli.test_commands import ok


def told(line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """What bash is told of a line whose last word is begun."""
    monkeypatch.setattr(sys, "argv", ["rnnlm"])
    monkeypatch.setenv(VARIABLE, "complete_bash")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(line.count(" ")))
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    return " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("rnnlm ins", "inspect"),
        ("rnnlm train --batch-s", "--batch-size"),
        ("rnnlm train --seed 1 --time-", "--time-size"),
        ("rnnlm train --unit w", "whitespace word"),
        ("rnnlm train --preset book", "book book-better"),
        ("rnnlm train --corpus p", "ptb pydoc"),
        ("rnnlm eval --corpus p", "ptb pydoc"),
        ("rnnlm train --corpus my-", ""),  # the shell goes on with files
        ("rnnlm generate m", ""),
        ("rnnlm completion z", "zsh"),
    ],
)
def test_commands_options_and_values_are_completed(
    line: str,
    expected: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert sorted(told(line, monkeypatch, capsys).split()) == sorted(expected.split())


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_script_that_it_understands(shell: str, tmp_path: Path) -> None:
    script = ok("completion", shell)
    assert f"{VARIABLE}=complete_{shell}" in script
    if shutil.which(shell):
        (tmp_path / "script").write_text(script)
        subprocess.run([shell, "-n", tmp_path / "script"], check=True)


def test_bash_completes_with_the_script() -> None:
    rnnlm = Path(sys.executable).with_name("rnnlm")
    if not rnnlm.exists() or shutil.which("bash") is None:
        pytest.skip("rnnlm is not installed beside this Python, or there is no bash")
    asked = """
    eval "$(rnnlm completion bash)"
    COMP_WORDS=(rnnlm eva) COMP_CWORD=1
    _rnnlm_completion rnnlm
    echo "${COMPREPLY[@]}"
    """
    path = f"{rnnlm.parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path}
    done = subprocess.run(
        ["bash", "-c", asked], env=environment, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("eval\n", "")
