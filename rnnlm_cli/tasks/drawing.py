"""Texts that a model draws, piece by piece."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import chain, zip_longest

import numpy as np

from rnnlm_cli.arrays import Ids
from rnnlm_cli.corpus.cutting.detokenizers import Detokenizer
from rnnlm_cli.corpus.known_words import banned_ids, blank_ids, phrase_ids
from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.errors import ConfigError, quoted
from rnnlm_cli.generating.beam import BeamSearch
from rnnlm_cli.generating.endings import Endings
from rnnlm_cli.generating.generation import check_banned, generate, less_to_draw, sampling_parts
from rnnlm_cli.generating.start import Start
from rnnlm_cli.machine import need
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.settings.sample import SampleConfig
from rnnlm_cli.tasks.beginning import end_of, start_of


@dataclass(frozen=True, slots=True)
class Wanted:
    """Words to `skip` are not drawn, nor is `<unk>` unless `unk`; what to `require` comes."""

    skip: Collection[str] = ()
    unk: bool = False
    require: Collection[str] = ()


_ANY = Wanted()


@dataclass(frozen=True, slots=True)
class Drawing:
    """Texts that go on from a start, side by side.

    `steps` are drawn as they are taken: (texts,) ids, -1 where a text has ended.
    """

    words: TextRecord
    start: Start
    opens_with_a_word: bool  # line feeds that come first are not shown
    steps: Iterator[Ids]

    def ids(self) -> list[Ids]:
        """The words of each text behind the start (words,), all drawn at once."""
        columns = np.array(list(self.steps)).T
        return [column[column >= 0] for column in columns]

    def pieces(self) -> Iterator[list[str]]:
        """The texts as a list with a piece of each, one after the other.

        The first pieces are the start as the model reads it, the others a token each, or "" where a
        text has ended or a character is not whole. What ends before its last character is whole
        has U+FFFD for it.
        """
        first = next(self.steps, np.empty(0, np.int32))
        joiners = [self.words.tokenizer.detokenizer() for _ in first]
        shown = self.words.vocabulary.decode(self.start.words)
        yield ["".join(map(join.feed, shown)) for join in joiners]
        steps = chain([first] if joiners else [], self.steps)
        pieces = self._joined(joiners, steps)
        yield from from_the_first_word(pieces) if self.opens_with_a_word else pieces

    def _joined(self, joiners: Sequence[Detokenizer], steps: Iterable[Ids]) -> Iterator[list[str]]:
        """What the words of each step add to the texts, and the end of those that have one."""
        words = self.words.words
        for ids in steps:
            row = zip(joiners, ids.tolist(), strict=True)
            yield [join.feed(words[i]) if i >= 0 else join.end() for join, i in row]
        if any(ends := [join.end() for join in joiners]):
            yield ends


def from_the_first_word(pieces: Iterable[list[str]]) -> Iterator[list[str]]:
    """Pieces of texts side by side, without the line feeds that a text begins with."""
    begun: list[bool] = []
    for row in pieces:
        begun = begun or [False] * len(row)
        shown = [x if b else x.lstrip("\n") for x, b in zip(row, begun, strict=True)]
        begun = [b or bool(x) for x, b in zip(shown, begun, strict=True)]
        yield shown


def draw(
    model: LanguageModel,
    words: TextRecord,
    start: str,
    config: SampleConfig,
    wanted: Wanted = _ANY,
) -> Drawing:
    """Texts that go on from `start`.

    A text ends with its record, if `config` or the text that the model was trained on says so.
    Raises RnnlmError.
    """
    check_required(config, wanted.require)
    begun = start_of(words, start, config)
    banned = banned_ids(words, wanted.skip, unk=wanted.unk)
    required = [_required(words, phrase, banned) for phrase in wanted.require]
    count = sum(map(len, required))
    if required:
        _check_sizes(model, config, count)
    eos_id = words.vocabulary.eos_id
    endings = _endings(words, config, begun, config.rows(count))
    check_banned(model, banned)
    if config.beam is None:
        rng = np.random.default_rng(config.seed)
        steps = generate(
            model, begun, config, rng=rng, banned=banned, endings=endings, eos_id=eos_id
        )
    else:
        search = BeamSearch(
            model, begun, config, banned=banned, required=required, endings=endings, eos_id=eos_id
        )
        steps = _found(search)
    return Drawing(words, begun, endings is not None and not start, steps)


def _endings(words: TextRecord, config: SampleConfig, start: Start, rows: int) -> Endings | None:
    """Where the texts end. Raises ConfigError for what compares ends, where there is none."""
    record, eos_id = end_of(words, config), words.vocabulary.eos_id
    if record is not None and eos_id is not None:
        return Endings(record, eos_id, blank_ids(words), start, rows)
    if config.length_penalty is not None:
        raise ConfigError(
            "length-penalty compares texts that end, but all of these have --length tokens: ask "
            "for --record line, or leave it out"
        )
    return None


def draw_pieces(
    model: LanguageModel, words: TextRecord, start: str, config: SampleConfig
) -> Iterator[list[str]]:
    """Text that goes on from `start`, piece by piece: see `draw`."""
    return draw(model, words, start, config).pieces()


def check_required(config: SampleConfig, require: Collection[str]) -> None:
    """Raises ConfigError for words that must come where nothing looks for a text with them."""
    if require and config.beam is None:
        raise ConfigError(
            "require needs a beam search, because words that are drawn come as they may: give "
            "--beam too"
        )


def _check_sizes(model: LanguageModel, config: SampleConfig, required: int) -> None:
    """Raises ConfigError for more words than a text has, or than a search has room for."""
    if required > config.length:
        raise ConfigError(
            f"{required} tokens are required, but length is {config.length}: use a larger --length"
        )
    parts = sampling_parts(model.sizes, config, required)
    need("drawing", parts, less_to_draw(config))


def _required(words: TextRecord, phrase: str, banned: Collection[int]) -> list[int]:
    if not (ids := phrase_ids(words, words.set_off(phrase), "require")):
        raise ConfigError(f"require: there is no word in {quoted(phrase)}: give one")
    for word in ids:
        if word in banned:
            raise ConfigError(
                f"the word {quoted(words.words[word])} is required, but may not be drawn: leave "
                "one of these out"
            )
    return ids


def _found(search: BeamSearch) -> Iterator[Ids]:
    """What was found as if it had been drawn side by side."""
    for column in zip_longest(*(each.ids for each in search.run()), fillvalue=-1):
        yield np.array(column, np.int32)


def joined(pieces: Iterable[list[str]]) -> list[str]:
    """The text of each sample."""
    texts: list[StringIO] = []
    for each in pieces:
        texts = texts or [StringIO() for _ in each]
        for text, piece in zip(texts, each, strict=True):
            text.write(piece)
    return [text.getvalue() for text in texts]
