from dataclasses import replace

from rnnlm_cli.cli.report.card import _rows, card_of
from rnnlm_cli.cli.showing.models import dropouts
from rnnlm_cli.cli.showing.render import duration
from rnnlm_cli.scoring.figures import Figures
from rnnlm_cli.settings.train import Protocol
from rnnlm_cli.trained import Trained


def test_a_card_tells_a_model_in_the_words_of_inspect(lm: Trained) -> None:
    made, card = lm._lm.checkpoint, card_of(lm._lm, [])
    assert made.run is not None
    assert made.seconds is not None
    rows, found = dict(card.rows), made.run.tests["stream"]
    assert rows["test perplexity (stream)"].startswith(
        f"{card.figure} ± {found.standard_error:.2f}"
    )
    assert (rows["sizes"], rows["stack"]) == ("V 13, D 16, H 16", "1 x LSTM 16, tied weights")
    assert (rows["parameters"], rows["noise"]) == ("2,333", dropouts(made.model))
    assert made.text is not None
    assert rows["tokens"].startswith(f"train {made.text.splits['train'].tokens:,} (0% unknown), ")
    assert rows["trained in"] == duration(made.seconds)
    assert card.protocol.startswith(f"± {found.standard_error:.2f}; stream: the test split")


def test_rows_of_two_protocols_have_names_of_their_own(lm: Trained) -> None:
    made, words = lm._lm.checkpoint, lm._lm.words
    assert made.run is not None
    of = made.run.tests["stream"]
    tests: dict[Protocol, Figures] = {"stream": of, "book": replace(of, characters=None, unknown=1)}
    run = replace(made.run, test_perplexity={"stream": 3.0, "book": 3.0}, tests=tests)
    names = [name for name, _ in _rows(replace(made, run=run), words)]
    assert names[:5] == [
        "test perplexity (stream)",
        "without <eos> (stream)",
        "test perplexity (book)",
        "without unknown (book)",
        "without <eos> (book)",
    ]
    assert len(set(names)) == len(names)
