import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.checkpoint.exchange import onnx_files
from rnnlm_cli.errors import CheckpointError, MissingExtra
from rnnlm_cli.settings.model import lstm_sizes
from tests.checkpoint.exchange.kinds import IDS, KINDS, V, check_agrees, exported, words_of

onnx = pytest.importorskip("onnx")


@pytest.mark.parametrize("kind", KINDS)
def test_onnxruntime_gives_our_probabilities_in_two_pieces(kind: str, tmp_path: Path) -> None:
    runtime = pytest.importorskip("onnxruntime")
    exported(kind, tmp_path / "m.onnx")
    session = runtime.InferenceSession(tmp_path / "m.onnx", providers=["CPUExecutionProvider"])
    H = max(units for _, units in lstm_sizes(KINDS[kind]))
    h = c = np.zeros((KINDS[kind].layers, len(IDS), H), np.float32)
    pieces: list[Any] = []
    for ids in (IDS[:, :7], IDS[:, 7:-1]):
        piece, h, c = session.run(None, {"input_ids": ids, "h_in": h, "c_in": c})
        pieces.append(piece.astype(np.float64))
    check_agrees(np.concatenate(pieces, axis=1), kind)
    words = session.get_modelmeta().custom_metadata_map["vocabulary"]
    assert tuple(json.loads(words)) == words_of(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_the_file_is_sound_and_says_what_goes_in_and_out(kind: str, tmp_path: Path) -> None:
    exported(kind, tmp_path / "m.onnx")
    model = onnx.load(tmp_path / "m.onnx")
    onnx.checker.check_model(model, full_check=True)
    assert (model.ir_version, model.opset_import[0].version) == (8, 17)
    read = {name for node in model.graph.node for name in node.input}
    assert {each.name for each in model.graph.initializer} <= read
    places = {each.name: _shape(each) for each in (*model.graph.input, *model.graph.output)}
    state = [KINDS[kind].layers, "batch", max(units for _, units in lstm_sizes(KINDS[kind]))]
    assert places == {
        "input_ids": ["batch", "sequence"],
        **dict.fromkeys(("h_in", "c_in", "h_out", "c_out"), state),
        "log_probs": ["batch", "sequence", V],
    }


def _shape(value: Any) -> list[object]:
    return [axis.dim_param or axis.dim_value for axis in value.type.tensor_type.shape.dim]


def test_a_tied_matrix_is_stored_once(tmp_path: Path) -> None:
    exported("BetterRnnlm", tmp_path / "m.onnx")
    shapes = [tuple(each.dims) for each in onnx.load(tmp_path / "m.onnx").graph.initializer]
    assert [shape for shape in shapes if V in shape and len(shape) == 2] == [(V, 6)]


def test_a_model_larger_than_the_format_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_files, "_MOST", 1000)
    with pytest.raises(CheckpointError, match="is too large for a file of ONNX, which ends at 1,0"):
        exported("Rnnlm", tmp_path / "m.onnx")


def test_without_the_library_it_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    monkeypatch.setitem(sys.modules, "onnx.helper", None)
    with pytest.raises(MissingExtra, match=r"pip install onnx, or rnnlm-cli\[onnx\]"):
        exported("Rnnlm", tmp_path / "m.onnx")
