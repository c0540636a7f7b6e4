"""One reading of text everywhere: a copy in another normal form gets the same figures and words."""

import json
import os
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Literal, get_args

import pytest

from rnnlm_cli import Trained, load
from tests.cli.test_commands import SMALL, ok
from tests.tasks.contrasts.test_suites import suite

SENTENCE = "der Bär läuft über die Brücke"
TEXT = "".join(f"der Bär {w} über die Brücke, ein Käfer nie\n" for w in "geht läuft kam".split())


Form = Literal["NFC", "NFD"]
FORMS: tuple[Form, ...] = get_args(Form)


def copy(form: Form, text: str) -> str:
    return unicodedata.normalize(form, text)


def trained_on(form: Form, unit: str = "word") -> str:
    """What training says of a text in that form; the model is `form`.pkl."""
    Path(f"{form}.txt").write_text(copy(form, TEXT * 40))
    command = ("train", "--corpus", f"{form}.txt", *SMALL, "--unit", unit, "--min-count", 1)
    return ok(*command, "--out", f"{form}.pkl", "--json")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of the words of `TEXT`."""
    folder = tmp_path_factory.mktemp("nfc")
    there = Path.cwd()
    os.chdir(folder)
    try:
        trained_on("NFC")
    finally:
        os.chdir(there)
    return folder / "NFC.pkl"


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


TABLE = "item,word\n" + "".join(f"1,{word}\n" for word in SENTENCE.split())
FILES = {"--file": "t.txt", "--table": "t.csv", "--pairs": "p.tsv", "--suite": "s.json"}
PAIRS = f"{SENTENCE}\tder Bär läuft Brücke die über\n"
SUITE = json.dumps(
    suite({"a": SENTENCE.split(), "b": ["über", "Brücke"]}, "(2;%a%) < (1;%b%)"),
    ensure_ascii=False,
)


@pytest.mark.parametrize(
    "command",
    [
        ["eval", "--text", SENTENCE],
        ["eval", "--file", TEXT],
        ["score", "--text", SENTENCE],
        ["score", "--file", TEXT, "--context", "text"],
        ["score", "--text", SENTENCE, "--by", "word"],
        ["score", "--table", TABLE, "--group-by", "item"],
        ["score", "--pairs", PAIRS, "--json"],
        ["score", "--suite", SUITE, "--json"],
        ["generate", "--start", "der Bär läuft", "--length", "9", "--seed", "1"],
        ["generate", "--skip", "Bär", "--skip", "Brücke", "--length", "9", "--seed", "1"],
        ["inspect", "--nearest", "Brücke"],
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_a_command_reads_every_normal_form_alike(model: Path, command: list[str]) -> None:
    shown = []
    for form in FORMS:
        arguments = [copy(form, word) for word in command]
        if arguments[1] in FILES:  # what is given is in it
            name = FILES[arguments[1]]
            Path(name).write_text(arguments[2])
            arguments[2] = name
        said = copy("NFC", ok(arguments[0], model, *arguments[1:]))
        shown.append(re.sub("tokens/s.*", "", said))
    assert shown[0] == shown[1]
    assert "<unk>" not in shown[0]


@pytest.mark.parametrize(
    "call",
    [
        lambda lm, form: lm.perplexity(form(SENTENCE)),
        lambda lm, form: lm.evaluate(text=form(SENTENCE)).bits_per_character,
        lambda lm, form: lm.score(form(SENTENCE)),
        lambda lm, form: [row.surprisal for row in lm.token_scores(form(SENTENCE))],
        lambda lm, form: lm.conditional_score(form("der Bär"), [form("läuft"), form("über")]),
        lambda lm, form: lm.next_words(form("der Bär")),
        lambda lm, form: lm.state().after(form("der Bär")).after(form("läuft")).next_words(),
        lambda lm, form: lm.compare([(form(SENTENCE), "die die")]).log_probabilities,
        lambda lm, form: lm.generate(form("der Bär"), seed=1, length=9),
        lambda lm, form: lm.most_similar(form("Bär")),
        lambda lm, form: form("Bär") in lm,
    ],
)
def test_a_call_reads_every_normal_form_alike(
    model: Path, call: Callable[[Trained, Callable[[str], str]], object]
) -> None:
    lm = load(model)
    assert call(lm, lambda text: copy("NFC", text)) == call(lm, lambda text: copy("NFD", text))
    assert SENTENCE.split()[1] in lm


@pytest.mark.parametrize("unit", ["word", "char", "whitespace"])
def test_a_text_trains_alike_in_every_normal_form(unit: str) -> None:
    nfc, nfd = (json.loads(trained_on(form, unit)) for form in FORMS)
    assert nfc["tests"] == nfd["tests"]
    assert nfc["text"]["splits"] == nfd["text"]["splits"]
    assert load("NFC.pkl").words.words == load("NFD.pkl").words.words
