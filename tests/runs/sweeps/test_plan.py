import json
from pathlib import Path
from textwrap import dedent

import pytest

from rnnlm_cli.errors import ConfigError
from rnnlm_cli.runs.sweeps.axes import Between, OneOf
from rnnlm_cli.runs.sweeps.plan import SweepPlan, read_plan
from rnnlm_cli.settings.run import RunRequest

PLAN = """
trials = 7
jobs = 1
[fixed]
corpus = "t.txt"
budget = "1m"
[space]
lr = { low = 0.001, high = 0.1, log = true }
hidden-size = { low = 8, high = 32, step = 8 }
tied = [true, false]
"""

LARGE = "\n".join(
    f"{name} = {[number / 1000 for number in range(1, 401)]}"
    for name in ("lr", "ar", "tar", "max-grad")
)


def plan_of(text: str, folder: Path) -> SweepPlan:
    (folder / "s.toml").write_text(dedent(text))
    return read_plan(folder / "s.toml")


def test_a_plan_says_what_is_fixed_and_what_differs(tmp_path: Path) -> None:
    plan = plan_of(PLAN, tmp_path)
    assert (plan.trials, plan.jobs, plan.seed, plan.prune) == (7, 1, 0, True)
    assert plan.fixed == {"corpus": "t.txt", "budget": "1m"}
    assert plan.space == {
        "lr": Between(0.001, 0.1, log=True),
        "hidden_size": Between(8, 32, 8),
        "tied": OneOf((True, False)),
    }
    assert plan.folder == tmp_path / "s"
    assert not plan.is_grid
    assert plan.given({"lr": 0.01}) == {"corpus": ("t.txt",), "budget": 60.0, "lr": 0.01}


def test_lists_alone_are_run_in_all_combinations(tmp_path: Path) -> None:
    plan = plan_of("[space]\nlr = [1, 2]\nlayers = [1, 2]\nunit = ['word']", tmp_path)
    assert (plan.trials, plan.is_grid, plan.differing) == (4, True, ["lr", "layers"])
    assert [(each["lr"], each["layers"]) for each in plan.combinations()] == [
        (1, 1), (1, 2), (2, 1), (2, 2)
    ]  # fmt: skip
    fewer = plan_of("trials = 3\n[space]\nlr = [1, 2]\nlayers = [1, 2]", tmp_path)
    assert (fewer.trials, fewer.is_grid) == (3, False)
    assert plan_of(f"trials = 9\n[space]\n{LARGE}", tmp_path).trials == 9


def test_what_decides_the_runs_is_told_as_in_the_file(tmp_path: Path) -> None:
    plan = plan_of(PLAN, tmp_path)
    space = {
        "lr": {"low": 0.001, "high": 0.1, "log": True},
        "hidden_size": {"low": 8, "high": 32, "step": 8},
        "tied": [True, False],
    }
    assert json.loads(plan.identity) == [plan.fixed, space, 0]
    assert Between(0, 9).as_json == {"low": 0, "high": 9}


def test_seeds_are_runs_that_are_else_alike(tmp_path: Path) -> None:
    plan = plan_of("seeds = 3\n[fixed]\nepochs = 2", tmp_path)
    assert plan.is_of_seeds
    assert [each["seed"] for each in plan.combinations()] == [0, 1, 2]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("trials = ", "s.toml' is no TOML file: Invalid value"),
        ("[fixed]\nlr = 1", "there is no [space] of settings that differ, and no number of seeds"),
        ("trails = 3\n[space]\nlr = [1]", "there is no 'trails' in a sweep, but trials, jobs"),
        ("trials = 0\n[space]\nlr = [1]", "trials is 0, but must be a whole number from 1 to"),
        ("jobs = true\n[space]\nlr = [1]", "jobs is True, but must be a whole number"),
        ("prune = 1\n[space]\nlr = [1]", "prune is 1, but must be true or false"),
        ("fixed = 1\n[space]\nlr = [1]", "fixed must be a table: begin it with a line [fixed]"),
        ("[space]\nlrr = [1]", "'lrr' is no option of rnnlm train"),
        ("[space]\nout = ['a.pkl']", "out is chosen by the sweep for each run: leave it out"),
        ("[space]\nlr = [-1]", "lr is -1.0, but must be a finite number above 0"),
        ("[space]\nlr = ['x']", "lr is 'x', but must be"),
        ("[space]\nlr = [1, 1]", "lr has a value twice: give each once"),
        ("[space]\nbudget = ['1m', '60s']", "budget has a value twice: give each once"),
        ("[space]\nlr = [1, 0.5, 1.0]", "lr has a value twice: give each once"),
        ("[space]\nlr = []", "lr must be a list of values, or { low = 0.001, high = 0.01 }"),
        ("[space]\nlr = 3", "lr must be a list of values"),
        ("[space]\nlr = {low = 1}", "lr.high is missing"),
        ("[space]\nlr = {low = 1, high = 2, stop = 1}", "lr holds 'stop', which means nothing"),
        ("[space]\nlr = {low = 1, high = inf}", "lr.high is Infinity, but must be a finite number"),
        ("[space]\nlr = {low = 1, high = 2, log = 'no'}", "lr.log is 'no', but must be true or"),
        ("[space]\nlr = {low = true, high = 2}", "lr.low is true, but must be a finite number"),
        ("[space]\nlr = {low = 1, high = 2, step = '1'}", "lr.step is '1', but must be a finite"),
        ("[space]\nlr = {low = 1, high = 1979-05-27}", 'lr.high is "1979-05-27", but must'),
        ("[space]\nlr = {low = 2, high = 1}", "lr: low is 2, but must be below high, 1"),
        ("[space]\nseed = {low = 0, high = 9, log = true}", "log needs a low above 0, and no step"),
        (
            "[space]\nlr = {low = 1, high = 2, step = 0.3}",
            "lr: steps of 0.3 reach 1.9, but high is 2",
        ),
        ("[space]\nlr = {low = 1, high = 2, step = 1e-320}", "lr: step is 1e-320, too small"),
        (
            "[space]\nlr = {low = 1, high = 2, step = 1e-30}",
            "lr: step is 1e-30, too small for the way",
        ),
        ("[space]\nar = {low = -1e308, high = 1e308, step = 1}", "ar: step is 1, too small"),
        (
            f"[space]\n{LARGE}",
            "[space] has 25,600,000,000 combinations, too many to run: give trials, how many",
        ),
        ("[space]\nlr = {low = 1, high = 2, step = 0}", "lr: step is 0, but must be above 0"),
        ("[space]\nlr = [1]\n[fixed]\nlr = 2", "lr is fixed and differs: leave one of these out"),
        ("[space]\nlr = [1]\n[fixed]\nbudget = '1x'", "budget"),
        ("[space]\nlr = [1]\n[fixed]\ncorpus = 5", "corpus is 5, but must be a list, each item"),
        ("[space]\nlr = [1]\n[fixed]\ncorpus = ['a', 5]", "corpus is 5, but must be a list"),
        ("seeds = 2\n[space]\nlr = [1]", "seeds go without a [space]"),
        (
            "seeds = 2\nseed = 0x" + "f" * 9,
            "seed is 68719476735, but must be",
        ),
        ("seeds = 1_000_001", "seeds is 1000001, but must be a whole number from 1 to 1,000,000"),
        ("trials = " + "9" * 5_000, "s.toml' is no TOML file: Exceeds the limit"),
        ("seeds = 0x" + "f" * 5_000, "seeds is a number of too many digits, but must be"),
        ("[space]\nlayers = [0x" + "f" * 5_000 + "]", "layers is a number of too many digits"),
        ("a = " + "[" * 5_000, "s.toml' is no TOML file: "),
        ("[space]\nhidden-size = {low = 8, high = 16, step = 0.5}", "hidden-size: low, high and"),
        ("[space]\nhidden-size = [8]\nhidden_size = [9]", "hidden-size is given twice in a table"),
        ("[space]\nlr = [1]\n[fixed]\nseed = 1\n--seed = 2", "seed is given twice in a table"),
        ("[space]\nembedding-std = [0.1]", "'embedding-std' is no option of rnnlm train"),
        (
            '[space]\ninit-from = ["a\\u0000"]',
            "init-from is 'a\\x00', but must be the path",
        ),
    ],
)
def test_what_is_wrong_is_one_sentence(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        plan_of(text, tmp_path)
    assert told in str(raised.value)
    assert str(raised.value).startswith(f"'{tmp_path / 's.toml'}'")


@pytest.mark.parametrize(("typed", "names"), [("'t.txt'", ["t.txt"]), ("['a', 'b']", ["a", "b"])])
def test_a_corpus_is_a_name_or_a_list_of_them(typed: str, names: list[str], tmp_path: Path) -> None:
    plan = plan_of(f"[space]\nlr = [1]\n[fixed]\ncorpus = {typed}", tmp_path)
    assert RunRequest.of(**plan.given({"lr": 1})).corpus == tuple(names)


def test_a_plan_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_plan(tmp_path / "none.toml")


@pytest.mark.parametrize("name", ["s", "s.txt", ".toml"])
def test_a_plan_has_a_name_beside_which_its_runs_may_lie(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("seeds = 2")
    with pytest.raises(ConfigError, match=rf"^sweep is '.*{name}', but must be a file name ending"):
        read_plan(tmp_path / name)
