import csv
import json
import os
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.settings.text import CorpusConfig, Unit
from rnnlm_cli.tasks.contrasts.regions import Regions
from rnnlm_cli.tasks.passage import Passage


def passage(text: str, unit: Unit = "word", words: tuple[str, ...] = ()) -> Passage:
    config = CorpusConfig(unit=unit)
    record = TextRecord(corpus="x", sha256="", config=config, words=("<eos>", "<unk>", *words))
    return Passage.of(record, text, "x")


def tokens_of(contents: list[str], unit: Unit = "word") -> list[str]:
    """The tokens of each region, by giving each token a number of its own as its nats."""
    regions = Regions.join(contents)
    read = passage(regions.text, unit)
    found = []
    for region in range(len(contents)):
        bits = [regions.sums(read, one)[region] for one in np.eye(len(read.ids))]
        found.append("|".join(read.word(i) for i, bit in enumerate(bits) if bit))
    return found


def test_a_token_is_of_the_region_that_it_stands_in_and_the_line_end_of_the_last() -> None:
    found = tokens_of(["The dog's", "", " tail ,", "it is  long."])
    assert found == ["The|dog's", "", "tail|,", "it|is|long|.|<eos>"]
    assert tokens_of(["a", ""]) == ["a", "<eos>"]


def test_white_space_that_is_a_token_is_of_the_region_behind_it() -> None:
    assert tokens_of(["ab", "", "c"], "char") == ["a|b", "", " |c|<eos>"]


def test_regions_are_joined_by_one_blank_and_nothing_else() -> None:
    assert Regions.join(["", "As the", "", "  woman\r\n", "ran"]) == Regions(
        "As the woman ran", (0, 0, 6, 7, 13)
    )


def test_a_whole_text_is_as_it_was_given() -> None:
    text = " a  b "
    assert Regions.whole(text).text == text
    assert Regions.whole(text).sums(passage(text), np.array([1.0, 2, 4])).tolist() == [7]


CORE = Path(os.environ.get("RNNLM_DATA", ""), "syntaxgym", "core")


@pytest.mark.skipif(not CORE.exists(), reason="needs RNNLM_DATA with syntaxgym")
@pytest.mark.parametrize(
    ("surprisals", "expected"),
    [
        ("test-test_surp_grnn.txt", "test-test_out_grnn.json"),
        ("test-unk-surp_grnn.txt", "test-unk-out_grnn.json"),
    ],
)
def test_sums_are_those_of_syntaxgyms_own_core(surprisals: str, expected: str) -> None:
    with Path(CORE, surprisals).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    document = json.loads(Path(CORE, expected).read_text(encoding="utf-8"))
    conditions = [each for item in document["items"] for each in item["conditions"]]
    assert len(conditions) == 4
    for number, condition in enumerate(conditions, 1):
        own = [row for row in rows if row["sentence_id"] == str(number)]
        regions = Regions.join([region["content"] for region in condition["regions"]])
        words = tuple(dict.fromkeys(row["token"] for row in own if row["token"][0] != "<"))
        read = passage(regions.text, "word", words)
        names = ["<eos>", "<unk>", *words]
        assert [names[token] for token in read.ids] == [row["token"] for row in own]
        sums = regions.sums(read, np.array([float(row["surprisal"]) for row in own]))
        wanted = [region["metric_value"]["sum"] for region in condition["regions"]]
        assert sums.tolist() == pytest.approx(wanted, abs=1e-12)
        assert len(read.ids) == 17
