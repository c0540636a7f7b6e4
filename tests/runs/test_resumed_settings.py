from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rnnlm_cli.checkpoint.naming import older_path
from rnnlm_cli.corpus.cutting.rules import RULES
from rnnlm_cli.corpus.cutting.units import Tokenizer
from rnnlm_cli.errors import CheckpointError, ConfigError
from rnnlm_cli.runs import RunStarted, resume, state_path
from rnnlm_cli.runs.around import Around
from rnnlm_cli.runs.found_state import find_state
from rnnlm_cli.runs.resumed_settings import resumed_config
from tests.checkpoint.headers import header_of, leave_out, put, reseal
from tests.small_runs import small_run, train


@pytest.fixture
def out(text_file: Path, tmp_path: Path) -> Path:
    """The model of a run that is over, its state beside it."""
    list(train(small_run(text_file, tmp_path / "m.pkl")))
    older_path(tmp_path / "m.pkl").unlink()  # else a damaged state is no failure
    return tmp_path / "m.pkl"


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (put("numbers", {}), "'.*m.last.pkl' holds no state to resume from"),
        (leave_out("timings.run"), "'.*m.last.pkl' holds no state to resume from"),
        (put("timings.run", None), "'.*m.last.pkl' holds no state to resume from"),
        (leave_out("numbers.step"), "m.last.pkl: the header.numbers.step is missing"),
        (put("numbers.more", 1), "m.last.pkl: the header.numbers holds 'more'"),
        (put("numbers.lr", "1"), "m.last.pkl: the header.numbers.lr is '1', but must be a fin"),
        (put("numbers.rng", {}), "m.last.pkl: the header.numbers.rng is an object"),
        (put("numbers.rng", []), "m.last.pkl: states of 0 random generators"),
        (put("numbers.position", 5), "m.last.pkl: the position of the saved state is none"),
        (leave_out("timings.run.fastest"), "m.last.pkl: the header.timings.run.fastest is mis"),
        (put("timings.run.elapsed", -1.0), "m.last.pkl: the time of the saved state is none"),
        (lambda h: (h["history"].pop(), h["timings"]["epochs"].pop()), "its history is not that"),
    ],
)
def test_a_state_that_is_none_is_refused_with_its_file(
    out: Path, edit: Callable[[dict[str, Any]], object], message: str
) -> None:
    reseal(state_path(out), edit)
    with pytest.raises(CheckpointError, match=message):
        list(resume(out, {}))


def test_what_is_given_to_a_resume_is_checked(out: Path) -> None:
    with pytest.raises(ConfigError, match=r"save-every is -1\.0, but must be a finite number"):
        list(resume(out, {"save_every": -1.0}))


def test_a_resume_keeps_its_clusters(out: Path) -> None:
    with pytest.raises(ConfigError, match="cluster-edges was not given, now 3,5"):
        list(resume(out, {"cluster_edges": (3, 5)}))


def test_what_is_given_to_a_resume_stays_as_it_is(out: Path) -> None:
    given = {"epochs": 90, "threads": 1, "save_every": 5.0}
    config = resumed_config(find_state(out), out, given)
    assert (config.train.epochs, config.threads, config.save_every) == (90, 1, 5.0)
    assert given == {"epochs": 90, "threads": 1, "save_every": 5.0}


def test_a_model_of_other_sizes_is_not_taken_for_the_run_s(out: Path, text_file: Path) -> None:
    run_id = header_of(out)["run"]["id"]
    list(train(small_run(text_file, out.with_name("n.pkl"), hidden_size=9, tied=False)))
    out.unlink()
    out.with_name("n.pkl").rename(out)
    reseal(out, lambda h: (h["run"].pop("test_perplexity"), put("run.id", run_id)(h)))
    with pytest.raises(CheckpointError, match=r"m\.pkl: lstm1.Wx has shape \(8, 36\)"):
        list(resume(out, {}))


def test_a_run_goes_on_with_the_rule_that_its_text_was_cut_by(
    text_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "m.pkl"
    steps = iter(range(9))
    list(train(small_run(text_file, out), Around(stop=lambda: next(steps) > 2)))
    monkeypatch.setitem(RULES, ("word", 2), RULES["word", 1])
    reseal(state_path(out), put("text.rule", 2))
    begun = next(iter(resume(out, {})))
    assert isinstance(begun, RunStarted)
    assert begun.corpus.tokenizer == Tokenizer("word", rule=2)
