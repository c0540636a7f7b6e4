import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.arrays import Floats
from rnnlm_cli.checkpoint.checkpoint import load_checkpoint, save_checkpoint
from rnnlm_cli.checkpoint.contents import Checkpoint, LineTimings, LogLine, Resume
from rnnlm_cli.checkpoint.header import pack, parse, unpack
from rnnlm_cli.checkpoint.rnnlm_files import read_header
from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.model.network import Network
from rnnlm_cli.pickling import read_arrays, write_arrays
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.text import CorpusConfig
from rnnlm_cli.training.state import Counters, Timings, TrainerState
from tests.checkpoint.headers import EPOCH, RUN
from tests.models import better_rnnlm, rnnlm

WORDS = ("a", "b", "<eos>", "<unk>", "吾輩", '"', "\n")
V = len(WORDS)


def checkpoint_of(model: LanguageModel, **more: Any) -> Checkpoint:
    text = TextRecord(
        corpus="novel.txt", sha256="0" * 64, config=CorpusConfig(unit="word"), words=WORDS
    )
    return Checkpoint(
        vocab_size=V,
        model=model.config,
        params=model.params,
        text=text,
        run=RUN,
        **more,
    )


def state_of(arrays: dict[str, Floats]) -> TrainerState:
    return TrainerState(Counters(step=5), Timings(), [dict(np.random.PCG64(1).state)], arrays)


def saved(tmp_path: Path, model: LanguageModel | None = None, **more: Any) -> Path:
    path = tmp_path / "m.pkl"
    save_checkpoint(path, checkpoint_of(model or rnnlm(V, 4, 5), **more))
    return path


@pytest.mark.parametrize("model", [rnnlm(V, 4, 5), better_rnnlm(V, 4, 4)])
def test_a_checkpoint_comes_back_as_it_was(model: LanguageModel, tmp_path: Path) -> None:
    array = np.arange(3, dtype=np.float32)
    state = state_of({"optimizer.m": array})
    more: dict[str, Any] = {
        "history": [EPOCH],
        "seconds": 3.5,
        "libraries": {"numpy": "1"},
    }
    resume = Resume(
        state=state,
        line=LogLine(steps=2, nats=1.5),
        line_timings=LineTimings(seconds=0.5),
        corpus_paths=("novel.txt",),
    )
    loaded = load_checkpoint(saved(tmp_path, model, resume=resume, **more))
    assert loaded.resume is not None
    found = loaded.resume.state
    bare = replace(loaded.resume, state=replace(found, arrays={}))
    assert bare == replace(resume, state=replace(state, arrays={}))
    expected = checkpoint_of(model, **more)
    assert replace(loaded, params=[], resume=None) == replace(expected, params=[])
    np.testing.assert_array_equal(found.arrays["optimizer.m"], array)
    np.testing.assert_array_equal(loaded.build_model().flat_params, model.flat_params)


def test_a_state_of_an_earlier_version_has_an_empty_line() -> None:
    resume = Resume(state=state_of({}))
    checkpoint = checkpoint_of(rnnlm(V, 4, 5), resume=resume)
    packed = json.loads(json.dumps(pack(checkpoint) | {"sha256": {}}))
    del packed["line"], packed["timings"]["line"]
    assert unpack(parse(packed), []).resume == resume


@pytest.mark.parametrize("kind", [rnnlm, better_rnnlm])
def test_the_books_unchanged_loading_code_reads_it(
    kind: Callable[[int, int, int], LanguageModel], tmp_path: Path
) -> None:
    model, other = kind(V, 4, 4), kind(V, 4, 4)
    path = saved(tmp_path, model)
    with open(path, "rb") as file:
        params = pickle.load(file)
    params = [p.astype("f") for p in params]
    for i, param in enumerate(other.params):
        param[...] = params[i]
    np.testing.assert_array_equal(other.flat_params, model.flat_params)


def test_the_same_checkpoint_is_the_same_bytes(tmp_path: Path) -> None:
    model = rnnlm(V, 4, 5)
    first = saved(tmp_path, model).read_bytes()
    assert saved(tmp_path, model).read_bytes() == first


@pytest.mark.parametrize(("model", "layers"), [(rnnlm(V, 4, 5), 1), (better_rnnlm(V, 4, 4), 2)])
def test_a_file_of_the_book_has_sizes_and_no_words(
    model: LanguageModel, layers: int, tmp_path: Path
) -> None:
    with open(tmp_path / "book.pkl", "wb") as file:
        pickle.dump([p.astype(np.float16) for p in model.params], file)
    loaded = load_checkpoint(tmp_path / "book.pkl")
    assert loaded.text is None
    assert (loaded.vocab_size, loaded.model.wordvec_size) == (V, 4)
    assert (loaded.model.hidden_size, loaded.model.layers) == (model.config.hidden_size, layers)
    np.testing.assert_allclose(loaded.build_model().flat_params, model.flat_params, atol=1e-3)


def change_header(path: Path, old: bytes, new: bytes) -> None:
    *arrays, header = read_arrays(path)
    assert old in header.tobytes()
    write_arrays(path, [*arrays, np.frombuffer(header.tobytes().replace(old, new), np.uint8)])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b'"lower": false', b'"lower": true', "the header is damaged"),
        (b'"version": 1', b'"version": 2', "newer rnnlm .*upgrade"),
        (b'"format": "rnnlm"', b'"format": "other"', "the header is damaged"),
        (b'"text"', b'"test"', "the header is damaged"),
        (b"{", b"[", "not one that rnnlm writes"),
        (b'"run"', b'"\xff\xfe"', "not one that rnnlm writes"),
        (b'"timings": {', b'"timings": ' + b"[" * 100_000, "not one that rnnlm writes"),
    ],
)
def test_a_changed_header_is_told(tmp_path: Path, old: bytes, new: bytes, message: str) -> None:
    path = saved(tmp_path)
    change_header(path, old, new)
    with pytest.raises(CheckpointError, match=rf"m\.pkl: .*{message}"):
        load_checkpoint(path)


def test_a_changed_array_is_told(tmp_path: Path) -> None:
    path = saved(tmp_path)
    arrays = read_arrays(path)
    arrays[1][2, 3] += 1
    write_arrays(path, arrays)
    with pytest.raises(CheckpointError, match="do not match their SHA-256"):
        load_checkpoint(path)


@pytest.mark.parametrize(
    "change",
    [
        {"vocab_size": V + 1},
        {"model": ModelConfig(wordvec_size=5, hidden_size=5)},
        {"model": ModelConfig(wordvec_size=4, hidden_size=5, layers=1_000)},
        {"params": [np.ones(3)]},
    ],
)
def test_a_header_that_does_not_fit_its_arrays_is_told(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    path = tmp_path / "m.pkl"
    save_checkpoint(path, replace(checkpoint_of(rnnlm(V, 4, 5)), **change))
    with pytest.raises(CheckpointError, match=r"m\.pkl: "):
        load_checkpoint(path)


@pytest.mark.parametrize(
    "arrays", [[], [np.ones(3)], [np.ones((7, 4))] * 6, [np.ones((2, 2, 2))] * 9]
)
def test_arrays_that_are_no_model_of_the_book_are_told(
    tmp_path: Path, arrays: list[np.ndarray]
) -> None:
    with open(tmp_path / "other.pkl", "wb") as file:
        pickle.dump(arrays, file)
    with pytest.raises(CheckpointError, match=r"other\.pkl"):
        load_checkpoint(tmp_path / "other.pkl")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"nowhere\.pkl"):
        load_checkpoint(tmp_path / "nowhere.pkl")


@pytest.mark.parametrize("word", ["c", '{"arrays": ["', "吾" * 70_000])
def test_a_header_is_read_without_its_arrays(word: str, tmp_path: Path) -> None:
    model = rnnlm(V, 40, 50)
    checkpoint = checkpoint_of(model, history=[EPOCH])
    assert checkpoint.text is not None
    text = replace(checkpoint.text, words=(word, *WORDS[1:]))
    save_checkpoint(path := tmp_path / "m.pkl", replace(checkpoint, text=text))
    data = bytearray(path.read_bytes())
    data[1000:2000] = bytes(1000)  # of an array
    path.write_bytes(data)
    header = read_header(path)
    assert (header.run, len(header.history), header.is_of_state) == (RUN, 1, False)
    assert header.text.words[0] == word


@pytest.mark.parametrize(
    "content", [b"", b"text", b"tba.", b'{"arrays": [', b'{"arrays": []}tba.'], ids=str
)
def test_what_has_no_header_is_an_error(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "m.pkl").write_bytes(content)
    for path in (tmp_path / "m.pkl", tmp_path / "none.pkl", tmp_path):
        with pytest.raises(CheckpointError):
            read_header(path)


def test_a_header_that_is_damaged_is_an_error(tmp_path: Path) -> None:
    path = saved(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"novel", b"nivel"))
    with pytest.raises(CheckpointError, match="damaged"):
        read_header(path)


def test_a_model_that_is_read_draws_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path)
    monkeypatch.setattr(Network, "_draw", None)
    load_checkpoint(path).build_model()
