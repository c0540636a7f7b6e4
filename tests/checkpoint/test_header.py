"""Headers whose hash is right and whose content is not: refused, with the file and the place."""

import math
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.checkpoint import envelope
from rnnlm_cli.checkpoint.checkpoint import load_checkpoint, save_checkpoint
from rnnlm_cli.checkpoint.rnnlm_files import array_hash
from rnnlm_cli.corpus.cutting.units import Tokenizer
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.pickling import dump_arrays, read_arrays
from rnnlm_cli.scoring.figures import Figures
from rnnlm_cli.settings.train import Protocol
from tests.checkpoint.headers import header_of, leave_out, put, reseal, seal

HUGE = 10**9
EDITS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a size as text": (put("model.hidden_size", "8"), "model.hidden_size is '8', but must be a"),
    "a size of 10**9": (put("model.hidden_size", HUGE), "tied weights need equal sizes"),
    "a size beyond all ranges": (put("model.hidden_size", 10**18), "a whole number from 1 to"),
    "sizes of 10**9": (
        lambda h: h["model"].update(hidden_size=HUGE, wordvec_size=HUGE),
        r"embedding.W has shape \(13, 16\), but .* needs \(13, 1000000000\)",
    ),
    "a size beyond 64 bits": (put("model.wordvec_size", 9 * 10**4298), "wordvec_size is a larger"),
    "a negative size": (put("model.hidden_size", -8), "hidden-size is -8, but must be"),
    "a bool as size": (put("model.layers", True), "model.layers is true"),
    "a thousand million layers": (put("model.layers", 10**9), "layers is 1000000000, but"),
    "a dropout of null": (put("model.dropout", None), "dropout is null, but must be a finite"),
    "a dropout of 1": (put("model.dropout", 1), "dropout is 1, but must be in"),
    "a head of null": (put("model.head_size", None), "head_size is null, but must be a whole"),
    "a head of all words": (put("model.head_size", 13), "the head of the softmax has all words"),
    "edges of null": (put("model.cluster_edges", None), "cluster_edges is null, but must be a l"),
    "an edge as text": (
        put("model.cluster_edges", ["5"]),
        r"edges\[0\] is '5', but must be a whol",
    ),
    "edges that fall": (
        put("model.cluster_edges", [5, 3]),
        "cluster-edges is 5,3, but must be",
    ),
    "an edge beyond all words": (
        put("model.cluster_edges", [3, 13]),
        "the clusters of the softmax have all words",
    ),
    "a head and edges": (
        lambda h: h["model"].update(head_size=3, cluster_edges=[5]),
        "head-size is 3, but cluster-edges say where",
    ),
    "tied as a number": (put("model.tied", 1), "model.tied is 1, but must be true or false"),
    "an unknown setting": (put("model.depth", 1), "model holds 'depth', which means nothing"),
    "more words than rows": (put("model.vocab_size", HUGE), "13 words for a vocabulary of"),
    "a word as number": (put("text.words.3", 3), r"text.words\[3\] is 3, but must be text"),
    "a word twice": (lambda h: put("text.words.3", h["text"]["words"][2])(h), "has two ids"),
    "no end of line": (lambda h: _rename(h, "<eos>", "eos"), "none is <eos>"),
    "words as text": (put("text.words", "abc"), "text.words is 'abc', but must be a list"),
    "an unknown unit": (put("text.config.unit", "byte"), "text.config.unit is 'byte'"),
    "a unit of null": (put("text.config.unit", None), "a setting is null"),
    "an unknown rule": (put("text.rule", 3), "rule 3 of the unit word is not known here"),
    "a corpus as number": (put("text.corpus", 7), "text.corpus is 7, but must be text"),
    "no text": (leave_out("text"), "header.text is missing"),
    "a run of a number": (put("run", 7), "header.run is 7, but must be an object"),
    "a run without settings": (leave_out("run.train"), "run.train is missing"),
    "a batch of null": (
        put("run.train.batch_size", None),
        "batch_size is null, but must be a whole",
    ),
    "a run without end": (put("run.train.epochs", None), "a setting is null"),
    "a rate of 0": (put("run.train.lr", 0), "lr is 0, but must be"),
    "another optimiser": (put("run.train.optimizer", "x"), "optimizer is 'x', but must be one"),
    "a perplexity as text": (put("run.test_perplexity", {"stream": "9"}), r"\['stream'\] is '9'"),
    "an unknown protocol": (put("run.test_perplexity", {"x": 9.0}), "a key of .* is 'x'"),
    "figures of text": (put("run.tests.stream.nats_per_token", "9"), "nats_per_token is '9'"),
    "no figures": (put("run.tests.stream", {}), r"\['stream'\].tokens is missing"),
    "figures of no token": (put("run.tests.stream.tokens", 0), "no text has such counts"),
    "more unknown than all": (put("run.tests.stream.unknown", 999), "210 tokens, 999 of them unk"),
    "a split of no characters": (put("text.splits.test.characters", 0), "no text has such counts"),
    "an unknown split": (put("text.splits", {"dev": {}}), "a key of .* is 'dev'"),
    "merges of words": (put("text.merges", [[97, 98]]), "word has no pieces, but 1 merges"),
    "merges of text": (put("text.merges", [["a", "b"]]), r"merges\[0\]\[0\] is 'a', but must be"),
    "types as text": (put("text.cut.types", "9"), "cut.types is '9'"),
    "no history": (put("history", []), "0 epochs of history, but timings of 12"),
    "an epoch as text": (put("history.0", "x"), r"history\[0\] is 'x', but must be an object"),
    "an epoch without rate": (leave_out("history.0.lr"), r"history\[0\].lr is missing"),
    "a rate of null": (put("history.0.lr", None), r"history\[0\].lr is null, but must be a fin"),
    "a best as number": (put("history.0.is_best", 1), r"history\[0\].is_best is 1, but must"),
    "an epoch's time in its row": (put("history.0.seconds", 1.0), "timings of epoch 1 are not"),
    "a time as text": (put("timings.epochs.0.seconds", "1s"), r"\['seconds'\] is '1s'"),
    "no timings": (put("timings", {}), "timings.epochs is missing"),
    "numbers as a list": (put("numbers", [1]), "header.numbers is a list, but must be an object"),
    "negative parameters": (put("parameters", -2), "the header names -2 and 0 more"),
    "parameters without number": (put("parameters", "6"), "parameters is '6', but must be"),
    "arrays as an object": (put("arrays", {}), "header.arrays is an object, but must be a list"),
    "too many names": (put("arrays", ["a"]), "the header names 6 and 1 more"),
    "an unknown key": (put("more", 1), "header holds 'more', which means nothing"),
    "a version that is true": (put("version", True), "version is true, but must be"),
    "a version of text": (put("version", "1"), "the header is damaged"),
    "a newer version": (put("version", 10**300), r"newer rnnlm \(format 1e\+300, known is 1\)"),
}


def _rename(header: dict[str, Any], old: str, new: str) -> None:
    header["text"]["words"] = [new if w == old else w for w in header["text"]["words"]]


@pytest.fixture
def copy(trained: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(trained, tmp_path / "m.pkl"))


@pytest.mark.parametrize(("edit", "message"), EDITS.values(), ids=EDITS)
def test_a_header_that_says_something_else_is_refused(
    copy: Path, edit: Callable[[dict[str, Any]], object], message: str
) -> None:
    reseal(copy, edit)
    with pytest.raises(CheckpointError, match=rf"m\.pkl: .*{message}") as raised:
        load_checkpoint(copy)
    assert len(str(raised.value)) < 500


def test_a_header_that_is_sealed_again_unchanged_is_read(copy: Path) -> None:
    before = copy.read_bytes()
    reseal(copy, lambda header: None)
    assert copy.read_bytes() == before
    load_checkpoint(copy)


@pytest.mark.parametrize(
    "setting", ["model.layers", "model.cluster_edges", "run.train.patience", "text.config.lower"]
)
def test_a_setting_that_an_older_version_did_not_have_has_its_default(
    copy: Path, setting: str
) -> None:
    before = load_checkpoint(copy)
    reseal(copy, leave_out(setting))
    after = load_checkpoint(copy)
    assert (after.model, after.text) == (before.model, before.text)


def test_the_splits_of_a_text_come_back_in_their_order(copy: Path) -> None:
    text = load_checkpoint(copy).text
    assert text is not None
    assert [*text.splits] == ["train", "valid", "test"]
    assert [sizes.tokens for sizes in text.splits.values()] == [3780, 210, 210]


def test_the_tests_of_a_run_come_back_in_their_order(copy: Path) -> None:
    kept = load_checkpoint(copy)
    assert kept.run is not None
    figures = kept.run.tests["stream"]
    both: dict[Protocol, Figures] = {"stream": figures, "book": figures}
    run = replace(kept.run, test_perplexity={"stream": 2.0, "book": 3.0}, tests=both)
    save_checkpoint(copy, replace(kept, run=run))
    read = load_checkpoint(copy).run
    assert read is not None
    assert list(read.test_perplexity) == list(read.tests) == ["stream", "book"]


def test_what_an_older_version_did_not_count_is_empty(copy: Path) -> None:
    for name in ("run.tests", "text.splits", "text.cut"):
        reseal(copy, leave_out(name))
    after = load_checkpoint(copy)
    assert after.text is not None
    assert after.run is not None
    assert (after.text.splits, after.text.cut, after.run.tests) == ({}, None, {})
    assert after.run.test_perplexity.keys() == {"stream"}


def test_a_text_that_an_older_version_cut_was_cut_by_the_first_rule(copy: Path) -> None:
    reseal(copy, leave_out("text.rule"))
    reseal(copy, leave_out("text.unicode"))
    text = load_checkpoint(copy).text
    assert text is not None
    assert (text.tokenizer, text.unicode) == (Tokenizer("word", rule=1), "")


HOSTILE: dict[str, Callable[[bytes], bytes]] = {
    "nested lists": lambda raw: b"[" * 100_000,
    "nested objects": lambda raw: b'{"a":' * 100_000,
    "a long number": lambda raw: raw.replace(b'"version": 1', b'"version": ' + b"9" * 9999),
    "a rate of 1e999": lambda raw: raw.replace(b'"lr": 20.0', b'"lr": 1e999'),
    "NaN": lambda raw: raw.replace(b'"lr": 20.0', b'"lr": NaN'),
    "-Infinity": lambda raw: raw.replace(b'"lr": 20.0', b'"lr": -Infinity'),
    "a key twice": lambda raw: raw.replace(b'{"arrays"', b'{"version": 1, "format": "x", "arrays"'),
    "UTF-16": lambda raw: raw.decode().encode("utf-16"),
    "a byte order mark": lambda raw: b"\xef\xbb\xbf" + raw,
    "nothing": lambda raw: b" ",
    "null": lambda raw: b"null",
    "a text": lambda raw: b'"format"',
    "a number": lambda raw: b"1",
    "a list": lambda raw: b'["format", "version"]',
    "two documents": lambda raw: raw + raw,
    "an empty object": lambda raw: b"{}",
    "a hash that is null": lambda raw: raw.replace(b'"sha256": {', b'"sha256": null, "x": {'),
}  # fmt: skip


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_bytes_that_are_no_header_are_refused(copy: Path, change: Callable[[bytes], bytes]) -> None:
    *arrays, packed = read_arrays(copy)
    changed = change(packed.tobytes())
    assert changed != packed.tobytes()
    copy.write_bytes(dump_arrays([*arrays, np.frombuffer(changed, np.uint8)]))
    with pytest.raises(CheckpointError, match=r"m\.pkl: the header (is|.*must be)"):
        load_checkpoint(copy)


def test_what_is_not_finite_is_null_in_the_header_and_no_number_of_another_kind(
    copy: Path,
) -> None:
    loaded = load_checkpoint(copy)
    assert loaded.run is not None
    figures = replace(loaded.run.tests["stream"], nats_per_token=math.inf, characters=None)
    tests: dict[Protocol, Figures] = {"stream": replace(figures, standard_error=math.nan)}
    perplexities: dict[Protocol, float] = {"stream": math.inf, "book": 7.5}
    run = replace(loaded.run, test_perplexity=perplexities, tests=tests)
    row = replace(loaded.history[0], train_nats=math.inf, valid_nats=math.nan)
    save_checkpoint(copy, replace(loaded, run=run, history=[row]))
    header = header_of(copy)
    assert header["run"]["test_perplexity"] == {"stream": None, "book": 7.5}
    assert [header["history"][0][name] for name in ("train_nats", "valid_nats")] == [None, None]
    again = load_checkpoint(copy)
    assert again.run is not None
    assert again.run.test_perplexity == perplexities
    assert again.run.tests["stream"].perplexity == math.inf
    assert math.isnan(again.run.tests["stream"].standard_error)
    assert again.run.tests["stream"].bits_per_character is None
    assert math.isnan(again.history[0].train_nats)
    assert math.isnan(again.history[0].valid_nats)


def test_lone_surrogates_are_letters_like_others(copy: Path) -> None:
    reseal(copy, lambda header: _rename(header, "cat", "\ud800"))
    text = load_checkpoint(copy).text
    assert text is not None
    assert "\ud800" in text.words


@pytest.mark.parametrize("bomb", [b"[],", b"{},", b'{"":{}},', b"9,", b'"ab",'])
def test_a_header_that_would_take_much_memory_is_refused_before_it_is_parsed(
    copy: Path, bomb: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrays = read_arrays(copy)[:-1]
    raw = b'{"format": [' + bomb * 200_000 + b"0]}"
    copy.write_bytes(dump_arrays([*arrays, np.frombuffer(raw, np.uint8)]))
    monkeypatch.setattr("json.loads", None)
    with pytest.raises(CheckpointError, match=r"m\.pkl: a header of .* could take .*--max-vocab"):
        load_checkpoint(copy)


def test_a_header_that_could_not_be_read_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    header: dict[str, Any] = {"sha256": {}, "words": list(range(300_000))}
    with pytest.raises(CheckpointError, match="--max-vocab"):
        envelope.pack_header(header, 1_000)
    envelope.pack_header(header, 20_000_000)


@pytest.mark.parametrize(
    ("index", "change", "message"),
    [
        (0, lambda a: a + 1, "the tied embedding and output weights disagree"),
        (1, lambda a: a.astype("f8"), "an array is not float32"),
        (1, lambda a: a.astype("u1"), "an array is not float32"),
        (1, lambda a: a * np.float32("nan"), "lstm1.Wx holds numbers that are not finite"),
        (4, lambda a: a / np.float32(0), "affine.W holds numbers that are not finite"),
        (4, lambda a: a.T.copy(), r"affine.W has shape \(13, 16\), but .* needs \(16, 13\)"),
        (3, lambda a: a[None], r"lstm1.b has shape \(1, 64\)"),
    ],
)
def test_arrays_that_are_sealed_but_wrong_are_refused(
    copy: Path, index: int, change: Callable[[Any], Any], message: str
) -> None:
    *arrays, _ = read_arrays(copy)
    header = header_of(copy)
    with np.errstate(all="ignore"):
        arrays[index] = change(arrays[index])
    copy.write_bytes(seal(arrays, header))
    assert header["sha256"]["arrays"] == array_hash(arrays)
    with pytest.raises(CheckpointError, match=rf"m\.pkl: {message}"):
        load_checkpoint(copy)


def test_two_arrays_of_one_name_are_refused(copy: Path) -> None:
    *arrays, _ = read_arrays(copy)
    header = header_of(copy) | {"arrays": ["a", "a"]}
    copy.write_bytes(seal([*arrays, *2 * [np.ones(1, "f4")]], header))
    with pytest.raises(CheckpointError, match="the header names 6 and 2 more"):
        load_checkpoint(copy)
