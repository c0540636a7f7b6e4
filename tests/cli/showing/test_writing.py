from collections.abc import Iterator

import pytest

from rnnlm_cli.cli.showing.writing import write_pieces
from rnnlm_cli.settings.sample import SampleConfig


def interrupted(*pieces: str) -> Iterator[list[str]]:
    for piece in pieces:
        yield [piece]
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("pieces", "text"),
    [(["you", " say"], "you say\n"), (["you", "\n"], "you\n"), (["you", ""], "you\n"), ([], "")],
)
def test_a_text_that_is_interrupted_ends_its_line(
    pieces: list[str], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(KeyboardInterrupt):
        write_pieces(interrupted(*pieces), SampleConfig(), "", as_json=False)
    assert capsys.readouterr().out == text
