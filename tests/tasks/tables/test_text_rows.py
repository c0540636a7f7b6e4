import pytest

from rnnlm_cli.errors import VocabularyError
from rnnlm_cli.tasks.scorer import Scorer
from rnnlm_cli.tasks.tables.in_memory import DictRows
from rnnlm_cli.tasks.tables.text_rows import TEXT_COLUMNS, score_texts
from tests.tasks.tables.conftest import scorer_of, tokens_of

TABLE = DictRows([{"text": text} for text in ("the zebra.", None, " ", "old\ncat")])


@pytest.mark.parametrize("eos", [True, False])
def test_a_text_has_the_sums_of_its_tokens(scorer: Scorer, eos: bool) -> None:
    done: list[int] = []
    rows = list(score_texts(scorer, TABLE, "text", eos=eos, progress=done.append).rows())
    for row, text in ((rows[0], "the zebra."), (rows[3], "old\ncat")):
        found = dict(zip(TEXT_COLUMNS, row, strict=True))
        tokens = tokens_of(scorer, text)[: None if eos else -1]
        bits = sum(token.surprisal for token in tokens)
        assert found["surprisal"] == pytest.approx(bits)
        assert found["log_probability"] == pytest.approx(sum(t.log_probability for t in tokens))
        assert found["perplexity"] == pytest.approx(2 ** (bits / len(tokens)))
        assert found["n_tokens"] == len(tokens)
        assert found["n_unknown"] == sum(token.is_unknown for token in tokens)
    assert rows[1] == rows[2] == (None,) * 5
    assert done == [1, 1]


def test_a_word_without_an_id_is_refused_with_its_row() -> None:
    with pytest.raises(VocabularyError, match="row 0 of the table, line 1: the word 'zebra' is"):
        score_texts(scorer_of("word", unk=False), TABLE, "text")
