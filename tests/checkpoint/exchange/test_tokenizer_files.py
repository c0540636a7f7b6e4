"""The tokenizer of a model of pieces, as Hugging Face's library reads it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import tokenizers

from rnnlm_cli.checkpoint.exchange.exporting import export
from rnnlm_cli.checkpoint.exchange.tokenizer_files import packed
from rnnlm_cli.corpus.text_record import encode_given
from rnnlm_cli.errors import ConfigError
from tests.checkpoint.exchange.kinds import exported
from tests.models import MERGES, pieces_model, pieces_record

TEXT = "The the  cat's のこ\\n\n\tthe e\u0301 1234\u3000😀 \n"


@pytest.mark.parametrize("lower", [False, True])
@pytest.mark.parametrize("more", [(), ("<unk>",)])
def test_its_ids_are_those_of_the_model(lower: bool, more: tuple[str, ...]) -> None:
    record = pieces_record(MERGES, *more)
    record = replace(record, words=record.words[::-1], config=replace(record.config, lower=lower))
    theirs, text = tokenizers.Tokenizer.from_str(packed(record).decode()), TEXT
    text = text.replace("the ", "the <unk> ") if more else text
    ids = encode_given(record, text, "x").ids.tolist()
    assert theirs.encode(text).ids == ids
    assert theirs.get_vocab_size() == len(record.words)
    if not more:
        assert theirs.decode(ids) == record.tokenizer.normalize(text)


def test_a_model_of_pieces_is_exported_by_the_end_of_the_name(tmp_path: Path) -> None:
    done = export(pieces_model, pieces_record, tmp_path / "m.json")
    assert done.size == (tmp_path / "m.json").stat().st_size
    assert (tmp_path / "m.json").read_bytes() == packed(pieces_record())


def test_words_that_are_no_pieces_have_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"unit of the model is word, .*export its words to \.tx"):
        exported("Rnnlm", tmp_path / "m.json")
