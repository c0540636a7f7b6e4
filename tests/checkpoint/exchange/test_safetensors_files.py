import ast
import json
import re
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.errors import CheckpointError, MissingExtra
from tests.checkpoint.exchange.by_torchs_formulas import log_probabilities
from tests.checkpoint.exchange.kinds import IDS, KINDS, check_agrees, exported, words_of
from tests.models import scores_of
from tests.oracle import log_softmax

safetensors = pytest.importorskip("safetensors")
numpy_files = pytest.importorskip("safetensors.numpy")


@pytest.mark.parametrize("kind", KINDS)
def test_torchs_formulas_give_our_probabilities(kind: str, tmp_path: Path) -> None:
    exported(kind, tmp_path / "m.safetensors")
    tensors = numpy_files.load_file(tmp_path / "m.safetensors")
    doubles = {name: array.astype(np.float64) for name, array in tensors.items()}
    check_agrees(log_probabilities(doubles, KINDS[kind], IDS[:, :-1]), kind)


@pytest.mark.parametrize("kind", KINDS)
def test_torch_gives_our_probabilities(kind: str, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    path = tmp_path / "m.safetensors"
    module = ModuleType("loader")
    exec(exported(kind, path).loader, module.__dict__)
    model, words = module.load(path)
    assert tuple(words) == words_of(kind)
    with torch.no_grad():
        ids = torch.from_numpy(IDS)
        first, state = model.double()(ids[:, :7])
        then, _ = model(ids[:, 7:-1], state)
    check_agrees(torch.cat([first, then], 1).numpy(), kind)


@pytest.mark.parametrize("kind", KINDS)
def test_the_loader_is_short_and_names_every_array(kind: str, tmp_path: Path) -> None:
    written = exported(kind, tmp_path / "m.safetensors")
    compile(written.loader, "loader", "exec")
    assert len(written.loader.splitlines()) <= 42
    parts = {name.split(".")[0] for name in numpy_files.load_file(written.path)}
    assert parts <= set(re.findall(r"self\.(\w+)", written.loader))
    assert "path='m.safetensors'" in written.loader


@pytest.mark.parametrize("file", ["𠮷.safetensors", "it's.safetensors", 'a "b" \\n.safetensors'])
def test_the_loader_opens_the_file_whatever_its_name(file: str, tmp_path: Path) -> None:
    (default,) = re.findall(r"path=(.*)\):", exported("Rnnlm", tmp_path / file).loader)
    assert ast.literal_eval(default) == file
    assert default.isascii()


def test_a_tied_matrix_is_stored_once_and_told_of(tmp_path: Path) -> None:
    exported("default", tmp_path / "m.safetensors")
    with safetensors.safe_open(tmp_path / "m.safetensors", "numpy") as file:
        metadata, names = file.metadata(), list(file.keys())
    assert "decoder.weight" not in names
    assert metadata["decoder.weight"] == "encoder.weight"
    assert metadata["format"] == "pt"
    assert len(json.loads(metadata["vocabulary"])) == len(words_of("default"))


@pytest.mark.parametrize("kind", ["Rnnlm", "BetterRnnlm", "char"])
def test_what_one_lstm_of_torch_is_comes_back_as_it_was(kind: str, tmp_path: Path) -> None:
    exported(kind, tmp_path / "m.safetensors")
    model = load_checkpoint(tmp_path / "m.safetensors").build_model()
    check_agrees(log_softmax(scores_of(model, IDS[:, :-1])).astype(np.float64), kind)


@pytest.mark.parametrize("data", [b"", b"no", b"\x08" + b"\0" * 7 + b"{}      ", b"\xff" * 99])
def test_another_file_is_refused(data: bytes, tmp_path: Path) -> None:
    (path := tmp_path / "m.safetensors").write_bytes(data)
    with pytest.raises(CheckpointError, match=r"m\.safetensors: "):
        load_checkpoint(path)


def test_numbers_that_numpy_lacks_are_refused(tmp_path: Path) -> None:
    header = b'{"a":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}}'
    path = tmp_path / "m.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + b"\0\0")
    with pytest.raises(CheckpointError, match=r"a is of BF16, .*model\.float\(\)"):
        load_checkpoint(path)


def test_without_the_library_it_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path := tmp_path / "m.safetensors").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "safetensors", None)
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    with pytest.raises(MissingExtra, match=r"pip install safetensors, or rnnlm-cli\[safetensors\]"):
        load_checkpoint(path)
    with pytest.raises(MissingExtra):
        exported("Rnnlm", tmp_path / "n.safetensors")
    assert not (tmp_path / "n.safetensors").exists()
