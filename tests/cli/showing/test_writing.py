import sys
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


FAMILY, PERSIAN = "\U0001f468\u200d\U0001f467", "\u0645\u06cc\u200c\u0631\u0648\u0645"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"{FAMILY} {PERSIAN}", f"{FAMILY} {PERSIAN}"),
        ("all:\n\tmake", "all:\n\tmake"),
        ("\x1b]52;c;x\x07 \x9b31m \u202e", "\\x1b]52;c;x\\x07 \\x9b31m \\u202e"),
    ],
)
def test_a_terminal_gets_texts_as_they_are_but_nothing_that_moves_it(
    text: str,
    shown: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for terminal, written in ((False, text), (True, shown)):
        monkeypatch.setattr(sys.stdout, "isatty", lambda terminal=terminal: terminal)
        write_pieces(iter([[text]]), SampleConfig(), "", as_json=False)
        assert capsys.readouterr().out == written + "\n"
