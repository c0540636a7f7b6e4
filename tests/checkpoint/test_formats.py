import json
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.checkpoint import checkpoint
from rnnlm_cli.checkpoint.checkpoint import FORMATS, load_checkpoint
from rnnlm_cli.checkpoint.contents import Checkpoint
from rnnlm_cli.checkpoint.formats import Format, ModelFile
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.model.sizes import ModelSizes
from rnnlm_cli.settings.model import ModelConfig


def plain(file: ModelFile) -> Checkpoint:
    """A format of a test: two sizes as JSON, and weights of zero."""
    vocab_size, size = json.loads(Path(file.path).read_text())
    model = ModelConfig(wordvec_size=size, hidden_size=size)
    shapes = ModelSizes(vocab_size, model).shapes().values()
    params = [np.zeros(shape, np.float32) for shape in shapes][: 6 if size < 9 else 5]
    return Checkpoint(vocab_size=vocab_size, model=model, params=params)


JSON = Format(recognises=lambda file: str(file.path).endswith(".json"), read=plain)


def test_another_kind_of_file_is_one_row(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "FORMATS", (JSON, *FORMATS))
    (path := tmp_path / "m.json").write_text("[7, 4]")
    assert load_checkpoint(path).build_model().flat_params.size
    assert load_checkpoint(trained).text is not None


def test_what_a_row_reads_is_checked_like_all_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "FORMATS", (JSON,))
    (path := tmp_path / "m.json").write_text("[7, 9]")
    with pytest.raises(CheckpointError, match=r"m\.json: found 5 arrays, but this model has 6"):
        load_checkpoint(path)
