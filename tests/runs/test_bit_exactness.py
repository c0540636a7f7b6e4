"""A resume where something else computes, or where the words are not those of the state."""

from pathlib import Path

import pytest

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.checkpoint.naming import older_path
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.runs import RunStarted, begin, requested, resume, state_path
from tests.checkpoint.headers import header_of, put, reseal
from tests.small_runs import small_run, train


@pytest.fixture
def out(text_file: Path, tmp_path: Path) -> Path:
    """A run that is over, on one thread."""
    list(train(small_run(text_file, tmp_path / "m.pkl", threads=1)))
    older_path(tmp_path / "m.pkl").unlink()
    return tmp_path / "m.pkl"


def notes(out: Path, **given: object) -> list[str]:
    started = next(resume(out, dict(given)))
    assert isinstance(started, RunStarted)
    return started.notes


def test_on_the_same_machine_there_is_nothing_to_say(out: Path) -> None:
    assert notes(out, threads=1) == []


@pytest.mark.parametrize("library", ["numpy", "BLAS", "rnnlm"])
def test_another_library_is_told(out: Path, library: str) -> None:
    reseal(state_path(out), put(f"libraries.{library}", "0.1 by hand"))
    (note,) = notes(out, threads=1)
    assert note.startswith(f"not bit-exact with the run so far: {library} was 0.1 by hand, now ")


def test_another_python_computes_the_same(out: Path) -> None:
    reseal(state_path(out), put("libraries.python", "3.99"))
    assert notes(out, threads=1) == []


def test_another_number_of_threads_is_told(out: Path) -> None:
    assert notes(out, threads=2) == ["not bit-exact with the run so far: threads was 1, now 2"]


def test_other_words_under_the_same_text_are_refused(out: Path) -> None:
    reseal(state_path(out), lambda h: h["text"]["words"].reverse())
    before = {path: path.read_bytes() for path in out.parent.iterdir()}
    with pytest.raises(CheckpointError, match=r"m\.last\.pkl' knows other words than .*: nothing"):
        notes(out)
    assert {path: path.read_bytes() for path in out.parent.iterdir()} == before


def test_the_way_on_that_keeps_the_words_is_one(out: Path, text_file: Path) -> None:
    state = state_path(out)
    reseal(state, lambda h: h["text"]["words"].reverse())
    with pytest.raises(CheckpointError) as refused:
        notes(out)
    assert f"--init-from '{state}' and another --out, which keeps its words" in str(refused.value)
    kept = load_checkpoint(state)
    assert kept.text
    new = out.with_name("n.pkl")
    given = {"init_from": state, "corpus": str(text_file), "out": new, "steps": 2}
    list(begin(requested(given)))
    assert header_of(new)["text"]["words"] == list(kept.text.words)


def test_the_same_words_in_other_places_are_told(out: Path) -> None:
    reseal(state_path(out), put("text.splits.valid.tokens", 12_345))
    (note,) = notes(out, threads=1)
    assert note.startswith("not bit-exact with the run so far: the valid split was 12,345 tokens, ")
