"""Thousands of headers with a right hash and a wrong place: refused, or good for every command."""

import copy
import shutil
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.checkpoint.contents import Checkpoint
from rnnlm_cli.checkpoint.texts import ModelTexts
from rnnlm_cli.cli.inspect import inspect
from rnnlm_cli.cli.showing.progress import TrainingDisplay
from rnnlm_cli.corpus.given_text import GivenText
from rnnlm_cli.corpus.known_words import banned_ids
from rnnlm_cli.errors import CheckpointError, RnnlmError
from rnnlm_cli.generating.generation import generate
from rnnlm_cli.pickling import read_arrays
from rnnlm_cli.runs import resume, state_path
from rnnlm_cli.runs.around import Around
from rnnlm_cli.scoring.evaluation import evaluate
from rnnlm_cli.settings.sample import SampleConfig
from rnnlm_cli.tasks.beginning import start_of
from tests.checkpoint.headers import header_of, seal
from tests.small_runs import simple_text, small_run, train

pytestmark = pytest.mark.untraced

VALUES: list[Any] = [
    *(None, True, False, 0, 1, -1, 2, 7, 10**18, 2**63, -(10**30), 10**4000),
    *(0.5, -0.5, 1e308, 5e-324, "", "x", "1", "\ud800", "\x1b[31m", "\0", "a" * 5000, "nan"),
    *([], {}, [[]], {"x": 1}, {"epochs": []}, [None] * 3, [{}], ["a", "b"], {"": {"": []}}),
]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value in a document; of a long list only the first items."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value[:3])
    for key, item in items:
        if isinstance(item, dict | list):
            yield from places(item, (*path, key))
        else:
            yield (*path, key)


def mutate(header: dict[str, Any], rng: np.random.Generator) -> None:
    """One value replaced, moved, doubled, lost or added; more often near the top."""
    paths = [path for path in places(header) if path]
    depth = rng.choice(sorted({len(path) for path in paths}))
    paths = [path for path in paths if len(path) == depth]
    *path, last = paths[rng.integers(len(paths))]
    where: Any = header
    for key in path:
        where = where[key]
    value = copy.deepcopy(VALUES[rng.integers(len(VALUES))])
    match rng.integers(6), where:
        case 0, _:
            del where[last]
        case 1, list():
            where.insert(last, value)
        case 1, dict():
            where[str(rng.choice(["more", "lr", "seconds", "id", "epochs", "rng"]))] = value
        case 2, _:
            other = paths[rng.integers(len(paths))]
            there: Any = header
            for key in other:
                there = there[key]
            where[last] = copy.deepcopy(there)
        case _:
            where[last] = value


@pytest.fixture(autouse=True)
def _one_blas_thread() -> Iterator[None]:
    with threadpool_limits(1, user_api="blas"):  # a second one that waits for a core slows all
        yield


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """A run in its second epoch, and one that is over, each with its state."""
    folder = tmp_path_factory.mktemp("fuzz")
    text = folder / "simple.txt"
    text.write_text(simple_text())
    for name, steps in (("stopped", 55), ("over", 10**9)):
        asked = count(1)
        config = small_run(
            text, folder / f"{name}.pkl", optimizer="adam", lr=0.01, dropout=0.2, head_size=5
        )
        list(train(config, Around(stop=lambda asked=asked, steps=steps: next(asked) >= steps)))  # type: ignore[misc]
    return SimpleNamespace(stopped=folder / "stopped.pkl", over=folder / "over.pkl")


def variants(path: Path, to: Path, trials: int) -> Iterator[None]:
    """Write so many changed copies of `path` to `to`, one after the other."""
    header, arrays = header_of(path), read_arrays(path)[:-1]
    for seed in range(trials):
        rng, changed = np.random.default_rng(seed), copy.deepcopy(header)
        for _ in range(rng.integers(1, 3)):
            mutate(changed, rng)
        try:
            to.write_bytes(seal(arrays, changed))
        except ValueError:
            continue  # a header that JSON has no text for
        yield


def use(checkpoint: Checkpoint, path: Path) -> None:
    """What eval and generate do; a text that has no ids is the one thing that may be wrong."""
    model = checkpoint.build_model()
    config = SampleConfig(length=3)
    assert checkpoint.text is not None
    try:
        scored = ModelTexts(checkpoint, path).to_score(GivenText(("the old cat",)))
        start = start_of(checkpoint.text, "the", config)
        banned = banned_ids(checkpoint.text, [], unk=False)
    except CheckpointError:
        raise
    except RnnlmError:
        return
    evaluate(model, scored.text)
    rng = np.random.default_rng(0)
    list(generate(model, start, config, rng=rng, banned=banned))


def go_on(out: Path) -> None:
    """What `train --resume` does and shows, for one step or to the end of a run that is over."""
    with TrainingDisplay(as_json=False) as display:
        for event in islice(resume(out, {}, Around(clock=count(0.0).__next__)), 2):
            display.show(event)


@pytest.mark.parametrize(("name", "trials"), [("over", 400), ("stopped", 100)])
def test_a_changed_header_is_refused_or_good_to_inspect_score_and_generate(
    files: SimpleNamespace,
    tmp_path: Path,
    name: str,
    trials: int,
    long: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path, accepted = tmp_path / "m.pkl", 0
    messages: list[str] = []
    for _ in variants(getattr(files, name), path, trials * (20 if long else 1)):
        try:
            checkpoint = load_checkpoint(path)
        except CheckpointError as error:
            messages.append(str(error))
            continue
        accepted += 1
        use(checkpoint, path)
        for as_json in (False, True):
            inspect(checkpoint=path, nearest=[], count=3, corpus=None, vocab=None, json=as_json)
        capsys.readouterr()
    assert all(m.startswith(f"{path}: ") and len(m) < 500 for m in messages)
    assert trials // 20 < accepted < trials // 2 * (20 if long else 1)


@pytest.mark.parametrize(("name", "trials"), [("over", 120), ("stopped", 240)])
def test_a_changed_state_is_refused_or_good_to_go_on_from(
    files: SimpleNamespace, tmp_path: Path, name: str, trials: int, long: bool
) -> None:
    out, resumed = tmp_path / "m.pkl", 0
    model = getattr(files, name)
    for _ in variants(state_path(model), state_path(out), trials * (20 if long else 1)):
        shutil.copy(model, out)
        try:
            with np.errstate(all="ignore"):
                go_on(out)
        except RnnlmError:
            continue
        resumed += 1
    assert trials // 20 < resumed < trials // 2 * (20 if long else 1)


def test_a_changed_model_is_refused_or_good_to_end_its_run_with(
    files: SimpleNamespace, tmp_path: Path, long: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    out, ended, trials = tmp_path / "m.pkl", 0, 1500 if long else 80
    for _ in variants(files.over, out, trials):
        shutil.copy(state_path(files.over), state_path(out))
        try:
            go_on(out)
        except RnnlmError:
            continue
        ended += 1
    assert trials // 20 < ended < trials // 2
