import math
from dataclasses import replace

import pytest

from rnnlm_cli.checkpoint.contents import RunRecord
from rnnlm_cli.cli.showing import figure_cells
from rnnlm_cli.corpus.cutting.units import Tokenizer
from rnnlm_cli.corpus.encoded_text import TextSizes
from rnnlm_cli.corpus.vocabulary import Lost
from rnnlm_cli.scoring.figures import Figures
from rnnlm_cli.settings.train import TrainConfig

CUT = Lost(types=9_000, rare=4_000, beyond=0, capitals=700, unseen=12)
SIZES = TextSizes(tokens=200, unknown=10, characters=900)
WORDS, CHARS = Tokenizer("word"), Tokenizer("char", lower=True)


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0, "0%"), (1e-9, "under 0.1%"), (0.058, "5.8%"), (0.99951, "over 99.9%"), (1, "100.0%")],
)
def test_a_share_that_is_not_0_or_1_is_not_shown_as_if_it_were(share: float, shown: str) -> None:
    assert figure_cells.share_unknown(share) == shown


TEST = Figures(
    tokens=100,
    unknown=6,
    characters=500,
    eos=True,
    lower=False,
    nats_per_token=3.0,
    standard_error=1.25,
    perplexity_known=24.0,
    perplexity_without_eos=22.0,
)
RUN = RunRecord(id="x", preset="book", train=TrainConfig(), test_perplexity={"stream": 20.09})


def test_a_perplexity_stands_with_its_condition() -> None:
    assert figure_cells.pairs_of_tests(replace(RUN, tests={"stream": TEST})) == [
        ("test perplexity (stream)", "20.09 ± 1.25, 6.0% unknown"),
        ("  without unknown", "24.00"),
        ("  without <eos>", "22.00"),
        ("bits a character", "≥ 0.8656 (unknown words hide characters)"),
        ("characters a token", "5.00"),
    ]


def test_what_is_not_known_of_a_test_is_not_told() -> None:
    assert figure_cells.pairs_of_tests(RUN) == [("test perplexity (stream)", "20.09")]
    few = replace(TEST, unknown=0, characters=None, standard_error=math.nan)
    few = replace(few, perplexity_without_eos=math.nan)
    assert figure_cells.pairs_of_tests(replace(RUN, tests={"stream": few})) == [
        ("test perplexity (stream)", "20.09, 0% unknown")
    ]


def test_each_protocol_has_its_own_rows() -> None:
    book = replace(TEST, characters=None, perplexity_known=25.0)
    run = replace(RUN, test_perplexity={"stream": 20.09, "book": 21.0})
    names = [
        name
        for name, _ in figure_cells.pairs_of_tests(
            replace(run, tests={"stream": TEST, "book": book})
        )
    ]
    assert names[3:6] == ["test perplexity (book)", "  without unknown", "  without <eos>"]
    assert names[6:] == ["bits a character", "characters a token"]


def test_the_tokens_of_every_split_are_told_in_one_line() -> None:
    none = replace(SIZES, unknown=0)
    line = figure_cells.sizes_line({"train": none, "valid": SIZES, "test": SIZES}, CUT)
    assert line == (
        "0% / 5.0% / 5.0% unknown; 4.50 / 4.50 / 4.50 characters each; "
        "of 9,000 types cut: 4,000 by --min-count"
    )


def test_what_cut_the_types_is_told_if_anything_did() -> None:
    both = figure_cells.sizes_line({"train": SIZES}, replace(CUT, beyond=5))
    assert both.endswith("of 9,000 types cut: 4,000 by --min-count and 5 by --max-vocab")
    for cut in (None, replace(CUT, rare=0)):
        assert "types" not in figure_cells.sizes_line({"train": SIZES}, cut)


@pytest.mark.parametrize(
    ("tokenizer", "cut", "ways"),
    [
        (WORDS, CUT, "train with --unit char or --lower to"),
        (WORDS, replace(CUT, capitals=0), "train with --unit char to"),
        (WORDS, replace(CUT, unseen=0), "train with --unit char, --min-count 1 or --lower to"),
        (WORDS, replace(CUT, beyond=1), "with --unit char, a larger --max-vocab or --lower to"),
        (WORDS, None, "train with --unit char or --lower to"),  # of an earlier version
        (Tokenizer("word", lower=True), CUT, "train with --unit char to"),
        (CHARS, CUT, "train on more text of the kind to"),
        (CHARS, replace(CUT, unseen=0), "train with --min-count 1 to"),
    ],
)
def test_only_ways_out_that_lead_out_are_named(tokenizer: Tokenizer, cut: Lost, ways: str) -> None:
    warning = figure_cells.unknown_warning(0.125, "of the test split", tokenizer, cut)
    assert warning is not None
    assert warning.startswith("12.5% of the tokens of the test split are <unk>")
    assert ways in warning


def test_a_tenth_of_unknown_tokens_is_no_cause_for_a_warning() -> None:
    assert figure_cells.unknown_warning(0.1, "of the test split", WORDS, CUT) is None


def test_another_way_goes_before_the_settings() -> None:
    warning = figure_cells.unknown_warning(0.2, "of it", WORDS, None, way="without --init-from")
    assert warning is not None
    assert "train without --init-from to" in warning
