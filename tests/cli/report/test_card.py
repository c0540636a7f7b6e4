from rnnlm_cli.cli.report.card import card_of
from rnnlm_cli.cli.showing.models import dropouts
from rnnlm_cli.cli.showing.render import duration
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
