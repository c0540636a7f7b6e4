"""What units react to, as it is shown."""

from rnnlm_cli.cli.showing.inside import passage


def test_a_passage_has_eight_tokens_on_both_sides() -> None:
    tokens = [f"t{number}" for number in range(30)]
    before, word, after = passage(tokens, 15, " ".join)
    assert (before.split(), word, after.split()) == (tokens[7:15], "t15", tokens[16:24])
