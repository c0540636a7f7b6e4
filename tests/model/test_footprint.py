"""Estimates of memory: right about the parameters, and near what a run really takes."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli import machine
from rnnlm_cli.checkpoint import contents, opened
from rnnlm_cli.corpus.reading.decoding import read_text
from rnnlm_cli.errors import RnnlmError
from rnnlm_cli.model.footprint import layer_bytes
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.model.sizes import ModelSizes
from rnnlm_cli.scoring.adapting import check_adapting
from rnnlm_cli.scoring.evaluation import scoring_parts
from rnnlm_cli.scoring.passages import score_passages
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.run import RunRequest
from rnnlm_cli.settings.sample import SampleConfig
from rnnlm_cli.settings.tricks import TrickConfig
from rnnlm_cli.tasks.drawing import Wanted
from rnnlm_cli.trained import load
from rnnlm_cli.training.peak import training_parts
from rnnlm_cli.training.planning import TextFacts, fitted
from tests.cli.test_commands import run
from tests.small_runs import simple_text, small_run, train


@pytest.mark.parametrize(
    "config",
    [
        ModelConfig(wordvec_size=3, hidden_size=4),
        ModelConfig(wordvec_size=3, hidden_size=4, layers=3, head_size=2),
        ModelConfig(wordvec_size=4, hidden_size=4, layers=2, tied=True),
    ],
)
def test_the_parameters_are_counted(config: ModelConfig) -> None:
    assert ModelSizes(7, config).parameters() == LanguageModel(7, config).flat_params.size


def test_the_optimiser_and_the_segments_count() -> None:
    def parts(**settings: object) -> dict[str, int]:
        plan = fitted(RunRequest.of("book", **settings), TextFacts(1_000, 500))
        return training_parts(500, 1_000, plan)

    sgd, adam = parts(), parts(optimizer="adam")
    assert (sgd["optimiser"], adam["optimiser"]) == (0, 2 * adam["parameters"])
    assert parts(batch_size=40)["softmax"] > sgd["softmax"]
    assert parts(batch_size=4_000)["softmax"] == parts(batch_size=40_000)["softmax"]  # in chunks
    split = [parts(batch_size=size, head_size=50)["softmax"] for size in (20, 40, 40_000)]
    assert split[0] < split[1] < split[2]
    # Two buffers, of 50 words and a branch, and of 450 words for 0.34 of the places.
    scratch = sgd["softmax"] - 4 * 500 * 700
    assert split[0] == scratch + 4 * (51 * 700 + 450 * 238)
    # Three, of which the last has 300 words for ln(500 / 200) / (ln 500 + 0.5772) of the places.
    clustered = parts(cluster_edges=(50, 200))["softmax"]
    assert clustered == scratch + 4 * (52 * 700 + 150 * 143 + 300 * 95)
    assert parts(batch_size=40)["layers"] > sgd["layers"]


def test_what_only_some_models_hold_counts_for_them() -> None:
    def held(**noise: float | bool) -> int:
        sizes = {"wordvec_size": 650, "hidden_size": 650, "layers": 2}
        return layer_bytes(ModelSizes(10_000, ModelConfig(**sizes, **noise)), 700)  # type: ignore[arg-type]

    # Of each LSTM the masked weights and their mask, of 4 * 650 * 650 numbers.
    assert held(weight_drop=0.5) - held() == 2 * 2 * 4 * 4 * 650 * 650
    for noise in ("dropout", "dropout_hidden", "word_dropout", "ar", "tar"):
        assert held(**{noise: 0.5}) > held(), noise
    # The sum of the upper LSTM and its input, each way.
    assert held(skip=True) - held() == 4 * 2 * 650 * 700
    # What the projection makes of the states, what of their gradient, and its own gradient.
    projected = held(tied=True, projection=True)
    assert projected - held() == 4 * (2 * 650 * 700 + 650 * 650)


# In a process of its own: the peak of this one is that of the tests before.
PROGRAM = """
import sys
from pathlib import Path
from rnnlm_cli.settings.run import RunRequest
from rnnlm_cli.runs import run
from tests.small_runs import train
from rnnlm_cli.training.peak import training_parts

def tell(field):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith(field))

def build(config, corpus, clock, original=run.build, **settings):
    global before, estimate
    before = tell("VmRSS")
    estimate = sum(training_parts(len(corpus.vocabulary), 0, config).values())
    return original(config, corpus, clock, **settings)

run.build = build
settings = eval(sys.argv[3])
config = RunRequest.of(corpus=sys.argv[1], out=Path(sys.argv[2]), steps=4, **settings)
for event in train(config):
    pass
print(estimate / (tell("VmHWM") - before))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no peak is told here")
@pytest.mark.parametrize(
    "settings",
    [
        {"wordvec_size": 800, "hidden_size": 800, "batch_size": 10},
        {"wordvec_size": 200, "hidden_size": 200, "batch_size": 20, "time_size": 150},
        {"wordvec_size": 500, "hidden_size": 700, "tied": False, "layers": 2, "optimizer": "sgd"},
    ],
    ids=str,
)
@pytest.mark.slow
def test_the_estimate_is_near_what_a_run_takes(settings: dict[str, object], tmp_path: Path) -> None:
    text = tmp_path / "t.txt"
    text.write_text(simple_text(600))
    command = [sys.executable, "-c", PROGRAM, str(text), str(tmp_path / "m.pkl"), repr(settings)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert 0.95 < float(done.stdout) < 1.45


@pytest.mark.parametrize("size", ["hidden-size", "wordvec-size"])
def test_a_run_that_cannot_fit_is_refused_before_anything_is_made_or_moved(
    size: str, text_file: Path, trained: Path, tmp_path: Path
) -> None:
    out = tmp_path / "m.pkl"
    out.write_bytes(trained.read_bytes())
    settings = ["--untied", "--preset", "book", "--epochs", 1, "--batch-size", 1]
    result = run("train", "--corpus", text_file, *settings, f"--{size}", 10**9, "--out", out)
    assert result.exit_code == 1
    assert "error: this run needs about" in result.stderr
    assert "GB of memory (" in result.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"m.pkl", "simple.txt"}


def test_a_resume_that_cannot_fit_is_refused_too(
    text_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(train(small_run(text_file, tmp_path / "m.pkl")))
    monkeypatch.setattr(machine, "free_bytes", lambda: 60_000)
    result = run("train", "--resume", "--out", tmp_path / "m.pkl", "--epochs", 9)
    assert result.exit_code == 1
    assert result.stderr.startswith("error: this run needs about")


@pytest.mark.parametrize("samples", [["--samples", 10**9], ["--samples", 10**6, "--length", 10**9]])
def test_too_many_samples_are_refused(samples: list[object], trained: Path) -> None:
    result = run("generate", trained, *samples)
    assert result.exit_code == 1
    assert result.stderr.startswith("error: drawing needs about")
    assert not result.stdout


def test_scoring_and_drawing_ask_for_what_they_need(
    trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lm, free = load(trained), 10**7
    monkeypatch.setattr(machine, "free_bytes", lambda: free)
    lm.perplexity("the old cat")
    lm.generate(length=1)
    free = 10**5
    with pytest.raises(RnnlmError, match=r"scoring needs about.*: score a shorter text"):
        lm.perplexity("the old cat")
    with pytest.raises(RnnlmError, match=r"scoring needs about.*: use a model with fewer units"):
        lm.score("the old cat")
    with pytest.raises(RnnlmError, match=r"drawing needs about.*: draw fewer or shorter samples"):
        lm.generate(samples=1_000)
    with pytest.raises(RnnlmError, match=r"drawing needs about.*: use a smaller --beam"):
        lm._lm.draw("", SampleConfig(beam=1_000), Wanted())


def test_a_text_takes_memory_by_its_tokens() -> None:
    model = ModelConfig(wordvec_size=5, hidden_size=6)
    few, many = (
        sum(scoring_parts(ModelSizes(7, model), tokens).values()) for tokens in (1_000, 10**6)
    )
    assert few < 10**7 < many


def test_a_model_that_is_built_is_not_asked_for_again(
    trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lm, wanted = load(trained), list[bool]()
    for module in (opened, contents):
        monkeypatch.setattr(
            module, "need", lambda what, parts, advice: wanted.append("parameters" in parts)
        )
    lm.perplexity("the old cat")
    assert wanted == [True, True]  # by the scoring, and as it is built
    wanted.clear()
    lm.perplexity("the old cat")
    lm.score("the old cat")
    lm.generate(length=1)
    assert wanted == [False, False, False]


def test_tricks_ask_for_what_they_need(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "free_bytes", lambda: 5 * 10**7)
    model = ModelConfig(wordvec_size=50, hidden_size=60)
    every = TrickConfig(temper=True, cache=True, ngram=True, dynamic=True)
    check_adapting(ModelSizes(70, model), 10_000, 1_000, every, threads=2)
    for V, tokens, counted in ((10**5, 10_000, 1_000), (70, 10**6, 1_000), (70, 10_000, 10**6)):
        with pytest.raises(RnnlmError, match="scoring with tricks needs about"):
            check_adapting(ModelSizes(V, model), tokens, counted, every, threads=2)


def test_what_each_thread_takes_is_counted_for_those_that_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(machine, "free_bytes", lambda: 5 * 10**7)
    model, cache = ModelConfig(wordvec_size=5, hidden_size=6), TrickConfig(cache=True)
    passages = [np.zeros(3, np.int32)]
    one, many = (LanguageModel(7_000, model, threads=threads) for threads in (1, 64))
    assert list(score_passages(one, passages, eos_id=None, guesses=0))
    assert list(score_passages(many, passages, eos_id=None))
    with pytest.raises(RnnlmError, match="scoring with entropies and ranks needs about 918 MB"):
        list(score_passages(many, passages, eos_id=None, guesses=0))
    check_adapting(ModelSizes(70, model), 1_000, 1_000, cache, threads=1)
    with pytest.raises(RnnlmError, match=r"scoring with tricks needs about .*cache"):
        check_adapting(ModelSizes(70, model), 1_000, 1_000, cache, threads=64)


def test_a_text_that_is_held_whole_and_cannot_fit_is_not_read(
    text_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "free_bytes", lambda: 9 * text_file.stat().st_size)
    with pytest.raises(RnnlmError, match=re.escape(f"reading '{text_file}' needs about")):
        read_text(text_file)


def test_a_large_text_asks_for_no_more_than_is_held_of_it() -> None:
    config = fitted(RunRequest.of("book"), TextFacts(1_000, 500))
    parts = [training_parts(50_000, tokens, config)["text"] for tokens in (10**6, 10**8, 10**9)]
    held = 12 * (1 << 23) + 24 * (1 << 22)  # of the text, and of a part of it that is scored
    assert parts == [12 * 10**6, held, held]


def test_eval_asks_before_it_scores(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "free_bytes", lambda: 400_000)
    result = run("eval", trained, "--text", "the old cat")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: scoring needs about")


def test_what_cannot_be_scored_is_not_built(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lm = load(trained)
    monkeypatch.setattr(machine, "free_bytes", lambda: 400_000)
    with pytest.raises(RnnlmError, match="scoring needs about"):
        lm.score("the old cat")
    assert "model" not in vars(lm)
