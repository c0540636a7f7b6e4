"""The study of reading times: benchmarks/reading_times.py."""

import math
import os
from pathlib import Path

import numpy as np
import pytest

from benchmarks.reading_times import (
    Surprisals,
    Words,
    common_words,
    main,
    read_published,
    read_table,
    read_words,
    what_it_tells,
)
from rnnlm_cli.arrays import Doubles
from rnnlm_cli.settings.table import TableConfig
from rnnlm_cli.tasks.scorer import Scorer
from rnnlm_cli.tasks.tables.with_scores import write_table
from rnnlm_cli.trained import train

STORIES = Path(os.environ.get("RNNLM_DATA", "")) / "naturalstories"
needs_stories = pytest.mark.skipif(not STORIES.is_dir(), reason="RNNLM_DATA has no Natural Stories")


def some_words(count: int) -> Words:
    rng = np.random.default_rng(0)
    return Words(
        [(1, zone + 1) for zone in range(count)],
        np.zeros(count),
        rng.integers(1, 9, count).astype(float),
        rng.normal(10, 3, count),
        np.ones(count, bool),
    )


def with_times(words: Words, log_times: Doubles) -> Words:
    return Words(words.places, log_times, words.lengths, words.frequencies, words.usable)


def test_what_a_bit_takes_is_found_again_beside_length_frequency_and_place() -> None:
    words, rng = some_words(9000), np.random.default_rng(1)
    bits, noise = rng.normal(8, 4, 9000), rng.normal(0, 0.01, 9000)
    effects = 0.01 * words.lengths - 0.02 * words.frequencies - 1e-5 * np.arange(9000)
    times = 5.7 + effects + 0.003 * bits + 0.002 * np.roll(bits, 1) + noise
    told = what_it_tells(with_times(words, times), bits, np.ones(9000, bool))
    mean = math.exp(times.mean())
    assert told.per_bit == pytest.approx(0.003 * mean, abs=3 * told.standard_error)
    error = noise.std() / (bits.std() * math.sqrt(9000))
    assert told.standard_error == pytest.approx(mean * error, rel=0.05)
    variance = np.var(0.003 * bits + 0.002 * np.roll(bits, 1))
    assert told.gain == pytest.approx(4500 * math.log(1 + variance / noise.var()), rel=0.05)


def test_surprisals_that_tell_nothing_gain_about_half_a_nat_each() -> None:
    words, rng = some_words(400), np.random.default_rng(2)
    told = what_it_tells(
        with_times(words, rng.normal(size=400)), rng.normal(size=400), np.ones(400, bool)
    )
    assert 0 <= told.gain < 6


def test_a_word_counts_where_it_and_the_one_before_are_known_to_all() -> None:
    words = some_words(6)
    words.usable[5] = False
    known = np.array([[1, 1, 1, 1, 1, 1], [1, 1, 0, 1, 1, 1]], bool)
    common = common_words(words, [Surprisals(np.zeros(6), each) for each in known])
    assert np.flatnonzero(common).tolist() == [1, 4]


def test_a_table_of_ours_is_read_in_the_order_of_the_stories(tmp_path: Path) -> None:
    path = tmp_path / "ours.tsv"
    rows = "1\t2\t0.5\t0\n1\t1\t0.25\t1\n1\t3\t\t0\n"
    path.write_text(f"item\tzone\tsurprisal\tn_unknown\n{rows}")
    found = read_table(path, some_words(3))
    np.testing.assert_array_equal(found.bits, [0.25, 0.5, np.nan])
    assert found.known.tolist() == [False, True, False]


@needs_stories
def test_published_surprisals_are_summed_over_the_tokens_of_each_word() -> None:
    words = read_words(STORIES)
    assert len(words.places) == 10_256
    for name in ("5-gram", "TransformerXL", "Gulordava LSTM"):
        found = read_published(STORIES / "published", name)
        assert len(found.bits) == 10_256
    # "mountains." ends the first sentence: the word, and its full stop
    assert found.bits[24] == pytest.approx(11.30380630493164 + 1.1245486736297607)
    assert found.known[:24].all()


@needs_stories
def test_the_published_models_keep_their_order(capsys: pytest.CaptureFixture[str]) -> None:
    main(STORIES, [])
    lines = capsys.readouterr().out.splitlines()
    assert [line[:14].strip() for line in lines[1:]] == [
        "5-gram",
        "TransformerXL",
        "Gulordava LSTM",
    ]
    gains = [float(line[14:].split()[0]) for line in lines[1:]]
    assert gains == sorted(gains)
    assert gains[0] > 40


@pytest.mark.slow
@pytest.mark.untraced
@needs_stories
def test_five_epochs_of_fairy_tales_tell_more_than_the_published_5_gram(tmp_path: Path) -> None:
    tales = STORIES.parent / "grimm" / "2591.txt"
    config, words = TableConfig(group_by=("item",), order_by="zone"), read_words(STORIES)
    published, more = read_published(STORIES / "published", "5-gram"), []
    for seed in (1, 2, 3):  # which differ by ten
        lm, table = train(tales, preset="tiny", epochs=5, seed=seed), tmp_path / f"{seed}.tsv"
        scorer = Scorer(lm._lm.model, lm.words)
        write_table(scorer, STORIES / "processed_wordinfo.tsv", table, config)
        models = [read_table(table, words), published]
        common = common_words(words, models)
        ours, theirs = (what_it_tells(words, each.bits, common).gain for each in models)
        more.append(ours - theirs)
    assert np.mean(more) > 5
