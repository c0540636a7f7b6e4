"""All that the page shows of a model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rnnlm_cli.arrays import Ids
from rnnlm_cli.checkpoint.opened import Opened
from rnnlm_cli.cli.report.card import card_of
from rnnlm_cli.cli.report.curves import curves_of
from rnnlm_cli.cli.report.hidden_units import units_of
from rnnlm_cli.cli.report.readings import reading_of
from rnnlm_cli.cli.report.record import Reading, Report, Sample
from rnnlm_cli.cli.report.samples import samples_of
from rnnlm_cli.cli.report.word_map import word_map
from rnnlm_cli.corpus.text_record import encode_given
from rnnlm_cli.tasks.drawn_texts import least_run
from rnnlm_cli.watching import Bars, in_silence

_LINES, _READ = 12, 600  # lines and tokens that are read where no text is given
_NOT_HERE = (
    "The text that the model was trained on was not at hand: copies of it were not looked for, and "
    "what it reads stands in for the validation split."
)


def gather(
    lm: Opened,
    texts: Sequence[str] = (),
    beside: Opened | None = None,
    stages: Bars = in_silence,
) -> Report:
    """The report of a model, with the lines of `texts` as it reads them, and as `beside` does.

    Without texts it reads the first lines of its validation split or, if its text is not here, what
    it writes itself. Raises RnnlmError.
    """
    corpus = lm.texts.at_hand()
    valid = None if corpus is None else corpus.ids("valid")
    given = _lines_of(texts)
    begun = _first_word(lm, given, valid)
    samples = list(samples_of(lm, begun, stages, novelty=corpus is not None))
    lines, origin = _lines(lm, given, valid, samples)
    return Report(
        card=card_of(lm, [_NOT_HERE] if corpus is None else []),
        text=origin,
        readings=list(_readings(lm, beside, lines)),
        units=units_of(lm, encode_given(lm.words, "\n".join(lines), "the text").ids)
        if valid is None
        else units_of(lm, valid),
        curves=curves_of(lm.checkpoint, lm.path),
        map=word_map(lm, None if corpus is None else corpus.counts),
        samples=samples,
        least=least_run(lm.words.tokenizer),
    )


def _lines_of(texts: Sequence[str]) -> list[str]:
    return [line for text in texts for line in text.removesuffix("\n").split("\n")]


def _first_word(lm: Opened, given: Sequence[str], valid: Ids | None) -> str:
    """Of what is to be read, as the model knows it; without such, of those that it knows."""
    words = lm.words
    ids = encode_given(words, "\n".join(given), "the text").ids if given else valid
    return words.words[0 if ids is None or not len(ids) else ids[0]]


def _lines(
    lm: Opened, given: list[str], valid: Ids | None, samples: Sequence[Sample]
) -> tuple[list[str], str]:
    """What is to be read, and where it is from."""
    if given:
        return given, "the text that was given"
    if valid is None:
        own, origin = "".join(samples[-1].pieces), "what it wrote itself"
    else:
        words = lm.words
        own = words.tokenizer.joined(words.vocabulary.decode(valid[:_READ]))
        origin = "the first lines of its validation split"
    return [line for line in own.split("\n") if line.strip()][:_LINES], origin


def _readings(lm: Opened, beside: Opened | None, lines: Sequence[str]) -> Iterator[Reading]:
    """Each model under the name of its file, or under its path where the two have one name."""
    models = [lm] if beside is None else [lm, beside]
    names = [model.name for model in models]
    if len(set(names)) < len(names):
        names = [str(model.path) for model in models]
    for model, name in zip(models, names, strict=True):
        yield reading_of(model, name, lines)
