from dataclasses import replace

from rnnlm_cli.cli.showing import models
from rnnlm_cli.model.sizes import ModelSizes
from rnnlm_cli.settings.model import ModelConfig


def test_a_dropout_is_shown_to_all_its_digits() -> None:
    assert models.dropouts(ModelConfig(dropout=0.1 + 0.2)) == "dropout 0.3"
    nearly = ModelConfig(dropout=0.9999999, dropout_in=1e-9, weight_drop=0.9999999)
    assert models.dropouts(nearly) == "dropout in 1e-09, out 0.9999999, weights 0.9999999"


def test_a_model_is_told_in_one_line_and_in_pairs_by_the_same_words() -> None:
    model = ModelConfig(wordvec_size=6, hidden_size=6, layers=2, tied=True, head_size=1_000)
    assert models.model_line(model, 1_234) == (
        "2 x LSTM 6, tied, softmax split at 1,000, dropout 0: 1,234 parameters"
    )
    assert models.model_pairs(ModelSizes(2_000, model)) == [
        ("sizes", "V 2000, D 6, H 6"),
        ("stack", "2 x LSTM 6, tied weights"),
        ("softmax", "split: 1,000 frequent words, one branch"),
    ]
    clustered = replace(model, head_size=0, cluster_edges=(400, 1_000, 1_500))
    assert "softmax split at 400, 1,000 and 1,500, dropout" in models.model_line(clustered, 1_234)
    assert models.model_pairs(ModelSizes(2_000, clustered))[-1] == (
        "softmax",
        "split: 400 frequent words, branches to the words from 400, 1,000 and 1,500 on",
    )
