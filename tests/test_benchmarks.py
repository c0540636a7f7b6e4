import json
import math
import platform
from collections import Counter
from dataclasses import replace
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import curves, word_model
from benchmarks.as_ptb import as_ptb, rewritten
from benchmarks.curves import Curve, draw, read_curve
from benchmarks.kernels import checked
from benchmarks.measure import Comparison, Contender, Figure, take_turns
from benchmarks.parts import step_parts
from benchmarks.recipes import RECIPES, Recipe
from benchmarks.roofline import layouts, shapes, word_shapes
from benchmarks.sizes import SIZES, Size, find_size, words
from benchmarks.textbook import TextbookModel
from benchmarks.word_model import write_log
from benchmarks.works import compare_scoring, compare_search, compare_together
from rnnlm_cli.arrays import Floats
from rnnlm_cli.corpus.loading import load_corpus
from rnnlm_cli.errors import CorpusError
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.model.sizes import ModelSizes
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.presets import PRESETS
from rnnlm_cli.settings.run import RunRequest
from rnnlm_cli.settings.setting import config_of
from rnnlm_cli.settings.text import CorpusConfig
from rnnlm_cli.training.clipping import clip_scale, gradient_norm
from rnnlm_cli.training.optimizers import SGD
from rnnlm_cli.training.planning import TextFacts, fitted
from tests.small_runs import small_run, train

SMALL = ModelConfig(wordvec_size=4, hidden_size=5)
TIED = ModelConfig(wordvec_size=5, hidden_size=5, layers=2, tied=True)


@pytest.mark.parametrize("config", [SMALL, TIED], ids=["untied", "tied"])
def test_the_textbook_step_is_the_same_training_step_as_ours(config: ModelConfig) -> None:
    textbook = TextbookModel(Size("small", config, vocab_size=7, batch_size=2, time_size=3))
    model = LanguageModel(7, config)
    flat = [textbook.embedding, *(w for weights in textbook.lstms for w in weights)]
    model.assign([*flat, textbook.W, textbook.b])
    optimizer = SGD(model.flat_params, model.cores)
    for seed in range(3):
        xs, ts = np.random.default_rng(seed).integers(0, 7, (2, 2, 3))
        loss = textbook.step(xs, ts, lr=1.0, max_grad=0.25)
        assert model.forward(xs, ts) == pytest.approx(loss, rel=1e-5)
        model.backward()
        scale = clip_scale(gradient_norm(model.flat_grads, model.cores), 0.25)
        optimizer.update(model.flat_params, model.flat_grads, 1.0, seed + 1, scale)
    theirs: list[Floats] = [*flat, textbook.W, textbook.b]
    for mine, other in zip(model.params, theirs, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("head_size", "contenders"), [(0, 4), (4, 2)])
def test_scoring_as_a_list_and_one_by_one_is_the_same_work(head_size: int, contenders: int) -> None:
    found = compare_scoring(Size("small", TIED, vocab_size=9), 1, 3, head_size)
    lengths = np.random.default_rng(0).integers(5, 26, 3)
    assert (found.tokens, len(found.contenders)) == (lengths.sum(), contenders)
    assert all(seconds > 0 for each in found.contenders for seconds in each.seconds)


def test_texts_are_drawn_side_by_side_one_by_one_and_searched_for() -> None:
    size = Size("small", TIED, vocab_size=9)
    together, search = compare_together(size, 1, 2, 3), compare_search(size, 1, 2, 3)
    assert (together.tokens, search.tokens) == (6, 3)
    for found in (together, search):
        assert all(each.seconds[0] > 0 for each in found.contenders)


def test_the_bare_gemms_of_a_step_have_the_flops_of_the_model() -> None:
    size = SIZES["BetterRnnlm"]
    flops = sum(2 * m * k * n * times for m, k, n, times in shapes(size))
    weights = 650 * 10_000 + 2 * 2 * 650 * 4 * 650
    assert flops == 6 * weights * 20 * 35


def test_the_bare_gemms_of_a_split_step_are_the_operations_that_a_run_is_planned_by() -> None:
    model = ModelConfig(wordvec_size=20, hidden_size=50, projection=True, tied=True, head_size=100)
    size = Size("split", model, vocab_size=1000, batch_size=10, time_size=50)
    lstm, projection = 4 * 50 * (20 + 50), 50 * 20
    (head, whole), (words, share) = size.clusters
    assert (head, whole, words) == (100, 1.0, 900)
    in_tail = round(share * 500)
    flops = sum(2 * m * k * n * times for m, k, n, times in shapes(size))
    assert 0 < in_tail < 500
    assert flops == 6 * (500 * (lstm + projection + 20 * 100) + in_tail * 20 * 900)


def test_a_preset_is_measured_as_a_run_on_its_text_would_be() -> None:
    size, run = find_size("tiny on pydoc"), PRESETS["tiny"].settings
    corpus = load_corpus("pydoc", CorpusConfig()).by_frequency()
    assert size.vocab_size == len(corpus.vocabulary)
    assert (size.time_size, size.optimizer) == (run["time_size"], "adamw")
    assert size.model.hidden_size == run["hidden_size"]
    np.testing.assert_array_equal(size.words(99), corpus.ids("train")[:99])


@pytest.mark.parametrize("head_size", [0, 3])
def test_the_parts_of_a_step_are_all_of_it(head_size: int) -> None:
    model = replace(TIED, head_size=head_size)
    size = Size("small", model, vocab_size=7, batch_size=2, time_size=3, optimizer="adamw")
    found = step_parts(size, rounds=1)
    assert all(figure.median > 0 for figure in found.values())
    whole = found.pop("all").median
    parts = {name: figure.median for name, figure in found.items() if "bare" not in name}
    assert sum(parts.values()) == pytest.approx(whole)
    assert ("output: tail" in parts) == bool(head_size)
    with_gemms = {name.removesuffix(", bare GEMMs") for name in found.keys() - parts.keys()}
    assert with_gemms == parts.keys() - {"norm and update", "the rest"}


@pytest.mark.skipif(platform.machine() != "x86_64", reason="kernels of x86 processors")
def test_another_processors_kernels_are_those_that_numpy_has_names_for() -> None:
    environment, used = checked("sandybridge")
    assert (used["architecture"], used["features"]) == ("Sandybridge", [])
    assert environment["OPENBLAS_CORETYPE"] == "sandybridge"


def test_the_bare_gemms_of_a_word_read_every_weight_once() -> None:
    size = SIZES["BetterRnnlm"]
    products = sum(m * k * n * times for m, k, n, times in word_shapes(size, samples=3))
    assert products == 3 * (650 * 10_000 + 2 * 2 * 650 * 4 * 650)


def test_every_layout_is_the_same_product() -> None:
    products = [np.asarray(product()) for product in layouts(2, 3, 5)]
    assert len(products) == 8
    for product in products:
        straight = product if product.shape == (2, 5) else product.T
        np.testing.assert_allclose(straight, products[0], rtol=1e-6)


def test_contenders_take_turns_and_ratios_go_round_by_round() -> None:
    log: list[str] = []

    def contender(name: str, seconds: float) -> Contender:
        def turn() -> float:
            log.append(name)
            return seconds

        return Contender(name, turn)

    both = [contender("a", 1.0), contender("b", 2.0)]
    take_turns(both, rounds=2, warm_up=1)
    assert log == ["a", "b"] * 3
    comparison = Comparison("t", "m", 10, both)
    assert comparison.ratio(both[0], both[1]) == Figure(2.0, 2.0, 2.0)
    assert comparison.speed(both[1]) == Figure(5.0, 5.0, 5.0)


def test_the_words_are_spread_like_ptbs() -> None:
    share = (words(10_000, 100_000) < 1_500).mean()
    assert share == pytest.approx(0.838, abs=0.01)


def small_recipe(name: str) -> Recipe:
    model = replace(RECIPES[name].size.model, wordvec_size=5, hidden_size=5)
    return replace(RECIPES[name], size=Size("small", model, batch_size=2, time_size=7))


def rows_of(text: Path, name: str, budget: float, points: int) -> list[dict[str, Any]]:
    """A run in torch on one thread, by a clock that goes on by a second whenever it is read."""
    pytest.importorskip("torch")
    from benchmarks.torch_recipe import TorchRun

    ticks, corpus = count(1), load_corpus(str(text), CorpusConfig())
    run = TorchRun(
        small_recipe(name),
        corpus,
        budget,
        points=points,
        seed=0,
        clock=lambda: float(next(ticks)),
        threads=1,
    )
    return list(run.rows())


def test_torch_trains_for_a_budget_with_validations_inside_an_epoch(text_file: Path) -> None:
    rows = rows_of(text_file, "example", budget=1000, points=10)
    kinds = Counter(row["event"] for row in rows)
    assert rows[0]["event"] == "started"
    assert rows[-1]["event"] == "finished"
    assert kinds["validation"] >= 5
    assert kinds["epoch"] >= 3
    seconds = [row["seconds"] for row in rows]
    assert seconds == sorted(seconds)
    assert 980 <= seconds[-2] <= 1010  # what is scored for the test comes after the budget
    assert seconds[-1] - seconds[-2] <= 2  # the test's own seconds stand beside it
    assert max(b - a for a, b in pairwise(seconds)) <= 110


def test_without_points_torch_validates_after_epochs_and_at_the_end(text_file: Path) -> None:
    rows = rows_of(text_file, "example", budget=500, points=0)
    epochs = [row["epoch"] for row in rows if "valid_perplexity" in row]
    assert epochs == list(range(1, len(epochs) + 1))
    assert {row["event"] for row in rows[1:-1]} == {"epoch"}


def test_torch_learns_and_its_best_weights_are_tested(text_file: Path) -> None:
    rows = rows_of(text_file, "example", budget=6000, points=3)
    found = [row["valid_perplexity"] for row in rows if "valid_perplexity" in row]
    assert min(found) < 0.7 * found[0]
    assert rows[-1]["test_perplexity"]["stream"] == pytest.approx(min(found), rel=0.15)


def test_the_rate_is_divided_by_4_after_an_epoch_that_did_not_help(text_file: Path) -> None:
    rows = rows_of(text_file, "example", budget=6000, points=3)
    lr, best, divided = 20.0, math.inf, 0
    for row in rows[1:-1]:
        assert row["lr"] == lr
        if row["event"] == "epoch":
            helped = row["valid_perplexity"] < best
            best = min(best, row["valid_perplexity"])
            lr, divided = (lr, divided) if helped else (lr / 4, divided + 1)
    assert divided


def test_the_rate_of_tied256_falls_to_zero_over_the_budget(text_file: Path) -> None:
    rows = rows_of(text_file, "tied256", budget=2000, points=10)
    for row in rows[1:-2]:
        assert row["lr"] == pytest.approx(20 * (1 - row["seconds"] / 2000), abs=0.2)
    assert 0 <= rows[-2]["lr"] < 0.2


@pytest.mark.parametrize(
    ("name", "parameters"),
    [("example", 2_653_200), ("example650", 13_280_400), ("tied256", 3_096_336)],
)
def test_the_recipes_have_the_sizes_of_their_models(name: str, parameters: int) -> None:
    pytest.importorskip("torch")
    from benchmarks.torch_worker import Model

    model = Model(RECIPES[name].size)
    assert sum(weight.numel() for weight in model.parameters()) == parameters


@pytest.mark.parametrize("name", ["tiny", "small", "medium"])
def test_a_recipe_of_ours_has_the_preset_with_one_softmax(name: str) -> None:
    recipe, settings = RECIPES[name], PRESETS[name].settings
    assert recipe.size.model == config_of(
        ModelConfig,
        {**settings, "locked": False, "dropout_hidden": 0.0, "dropout": recipe.size.model.dropout},
    )
    assert (recipe.lr, recipe.max_grad) == (settings["lr"], settings["max_grad"])
    assert recipe.size.time_size == settings["time_size"]
    ptb = TextFacts(929_589, 10_000)
    chosen = fitted(RunRequest.of(name, epochs=1 if name == "tiny" else 5), ptb).train
    assert recipe.weight_decay == chosen.weight_decay


def test_a_recipe_of_ours_begins_in_torch_as_it_does_here(text_file: Path) -> None:
    torch = pytest.importorskip("torch")
    from benchmarks.torch_recipe import TorchRun

    corpus = load_corpus(str(text_file), CorpusConfig())
    plain = small_recipe("small")
    model = replace(RECIPES["small"].size.model, wordvec_size=5, hidden_size=6)
    recipe = replace(plain, size=replace(plain.size, model=model, optimizer="adamw"))
    run = TorchRun(recipe, corpus, 9.0, points=0, seed=0, clock=lambda: 0.0, threads=1)
    bias = run.model.output.bias.detach().numpy()
    assert bias == pytest.approx(np.log(corpus.shares), rel=1e-5)
    vectors = run.model.embedding.weight.detach()
    assert float(vectors.std()) == pytest.approx(0.05, rel=0.3)
    both = run.model.lstm.bias_ih_l0.detach()
    assert float(both[6:12].mean() - both[:6].mean()) == pytest.approx(1.0, abs=0.5)
    assert isinstance(run.optimizer, torch.optim.AdamW)
    assert run.optimizer.param_groups[0]["weight_decay"] == 0.1


def test_torchs_adaptive_softmax_has_the_weights_of_our_clusters() -> None:
    pytest.importorskip("torch")
    from benchmarks.torch_worker import Model

    config = ModelConfig(wordvec_size=4, hidden_size=5, projection=True, tied=True, head_size=3)
    size = Size("small", config, vocab_size=7)
    ours = ModelSizes(7, config).parameters() + 7 * 4 - 7  # untied, no bias of a word
    lstms = 4 * 5  # torch has two biases a gate
    clustered = sum(weight.numel() for weight in Model(size, clusters=True).parameters())
    assert clustered == ours + lstms - 1 + 4 * 4  # no bias of the branch; a square below the tail
    whole = sum(weight.numel() for weight in Model(size).parameters())
    assert whole == ModelSizes(7, replace(config, head_size=0)).parameters() + lstms


def test_torch_scores_every_word_once_whatever_the_chunk() -> None:
    torch = pytest.importorskip("torch")
    from benchmarks.torch_recipe import score
    from benchmarks.torch_worker import Model

    model, ids = Model(Size("small", TIED, vocab_size=7)), np.arange(23) % 7
    with torch.no_grad():
        inputs = torch.tensor([[3, *ids[:-1]]]).T
        shares = torch.log_softmax(model.eval()(inputs, None)[0][:, 0], dim=-1)
    by_hand = -float(shares[range(23), ids].mean())
    for steps in (2, 5, 40):
        found = score(model, ids, eos_id=3, streams=1, time_size=steps)
        assert found == pytest.approx(by_hand, rel=1e-5)
    torch.nn.init.zeros_(model.output.weight)
    torch.nn.init.zeros_(model.output.bias)
    assert score(model, ids, eos_id=3, streams=4, time_size=5) == pytest.approx(math.log(7))


def test_a_text_that_fills_no_stream_is_refused() -> None:
    pytest.importorskip("torch")
    from benchmarks.torch_recipe import cut

    with pytest.raises(CorpusError, match="5 tokens, but 3 streams need 6: use a longer text"):
        cut(np.arange(5), 3)
    assert cut(np.arange(7), 3).tolist() == [[0, 2, 4], [1, 3, 5]]


def test_a_missing_torch_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(word_model, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match=r"^torch is not installed: pip install -e '.\[bench\]'$"):
        word_model.main(tmp_path / "log")


def test_torchs_log_is_not_written_over_a_text(
    monkeypatch: pytest.MonkeyPatch, text_file: Path
) -> None:
    monkeypatch.setattr(word_model, "find_spec", lambda name: True)
    before = text_file.read_bytes()
    with pytest.raises(SystemExit, match="choose another --log"):
        word_model.main(text_file, corpus=str(text_file))
    assert text_file.read_bytes() == before


def test_torchs_log_has_the_fields_of_ours(text_file: Path, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.jsonl", tmp_path / "theirs.jsonl"
    list(train(small_run(text_file, tmp_path / "m.pkl", log=ours)))
    write_log(rows_of(text_file, "example", budget=500, points=0), theirs, "torch")
    logs = [[json.loads(line) for line in path.read_text().splitlines()] for path in (ours, theirs)]
    fields = [next(set(row) for row in rows if row["event"] == "epoch") for rows in logs]
    assert fields[0] == fields[1]
    assert set(logs[0][-1]) - {"tests"} <= set(logs[1][-1])  # whose counts are of our tokens
    for path in (ours, theirs):
        curve = read_curve(path)
        assert len(curve.minutes) >= 2
        assert curve.test is not None


def log_of(path: Path, *rows: dict[str, Any], tail: str = "") -> Path:
    path.write_text("".join(json.dumps({"run": "b"} | row) + "\n" for row in rows) + tail)
    return path


def test_a_curve_is_the_validations_of_the_last_run_in_a_log(tmp_path: Path) -> None:
    path = log_of(
        tmp_path / "small.jsonl",
        {"event": "epoch", "run": "a", "seconds": 6.0, "valid_perplexity": 70.0},
        {"event": "steps", "seconds": 5.0, "train_perplexity": 60.0},
        {"event": "validation", "seconds": 30.0, "valid_perplexity": 50.0},
        {"event": "epoch", "seconds": 60.0, "valid_perplexity": None},
        {"event": "epoch", "seconds": 90.0, "valid_nats": math.log(40.0)},
        {"event": "finished", "seconds": 91.0, "test_perplexity": {"stream": 39.04}},
        tail='{"event": "epo',
    )
    curve = read_curve(path)
    assert (curve.name, curve.minutes, curve.test) == ("small", [0.5, 1.5], 39.04)
    assert curve.perplexities == pytest.approx([50.0, 40.0])
    assert curve.label == "small, test 39.0"


def test_a_log_without_a_validation_or_with_other_lines_is_refused(tmp_path: Path) -> None:
    empty, other = log_of(tmp_path / "empty"), log_of(tmp_path / "other", tail="minutes\n")
    none = log_of(tmp_path / "none", {"event": "steps", "seconds": 5.0})
    for path in (empty, none):
        with pytest.raises(CorpusError, match="has no validation, but one was needed"):
            read_curve(path)
    with pytest.raises(CorpusError, match="line 1 is no line of a log"):
        read_curve(other)


def test_curves_are_the_same_bytes_each_time_and_900_by_540(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    found = [
        Curve("slow", [1.0, 5.0, 10.0], [300.0, 150.0, 120.0], 118.26),
        Curve("quick", [0.5, 2.0, 8.0], [250.0, 130.0, 100.0]),
    ]
    for name in ("a.svg", "b.svg"):
        draw(found, tmp_path / name)
    svg = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert svg == (tmp_path / "b.svg").read_text(encoding="utf-8")
    assert 'width="900" height="540" viewBox="0 0 900 540"' in svg
    assert "dc:date" not in svg
    assert svg.index("<!-- quick -->") < svg.index("<!-- slow, test 118.3 -->")


def test_curves_are_written_as_svg_alone(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"c\.png' is to be an SVG: choose .* in \.svg$"):
        curves.main([], tmp_path / "c.png")
    assert not list(tmp_path.iterdir())


def test_a_missing_matplotlib_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(curves, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match=r"^matplotlib is not installed: pip install"):
        curves.main([], tmp_path / "out.svg")


def test_text_is_spelt_as_the_penn_treebank_has_it() -> None:
    text = "Ann can't: Mary's friends won 3.14 of 1,000 well-known dogs, they'd say; I cannot."
    assert as_ptb(text) == (
        "ann ca n't mary 's friends won N of N well-known dogs they 'd say i can not"
    )


def test_of_a_file_the_texts_alone_are_spelt_so() -> None:
    pair = {"sentence_good": "A.", "one_prefix_word_bad": "B", "UID": "C", "pairID": "7"}
    assert rewritten([pair]) == [pair | {"sentence_good": "a", "one_prefix_word_bad": "b"}]
    region = {"regions": [{"content": "The, ", "region_number": 1}], "condition_name": "The"}
    assert rewritten(region) == region | {"regions": [{"content": "the", "region_number": 1}]}
