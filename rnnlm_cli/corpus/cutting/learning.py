"""Learning which bytes stand together often: the merges of pieces, by Hugging Face's tokenizers.

The library counts and merges. Runs are found, and later cut into pieces, by pieces.py: so a model
depends on no version of the library, and once it is trained needs none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from rnnlm_cli.corpus.cutting.pieces import BYTES, LONGEST, Merge, in_bytes, runs_of
from rnnlm_cli.corpus.cutting.words import end_lines
from rnnlm_cli.corpus.vocabulary import UNK
from rnnlm_cli.errors import library

_FEWEST = 2  # times that what is merged must stand there
_AT_ONCE = 10_000  # runs that the library is given as one text

# The library merges letters, and takes what is between white space for a run.
_LETTERS = [chr(0x4E00 + byte) for byte in range(BYTES)]
_SPELLING = {**dict(enumerate(_LETTERS)), ord("\n"): " "}


def learnt_merges(blocks: Iterable[str], size: int) -> tuple[Merge, ...]:
    """The merges of a text for a vocabulary of `size`, fewer where nothing else stands there twice.

    Its blocks end with lines. `<unk>`, where the text has it, is one of the vocabulary. Equal texts
    have equal merges. Raises MissingExtra.
    """
    tokenizers = library("tokenizers", what="units of bpe", extra="bpe")
    learner = tokenizers.Tokenizer(tokenizers.models.BPE())
    learner.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=size,
        min_frequency=_FEWEST,
        initial_alphabet=_LETTERS,
        max_token_length=LONGEST,
        show_progress=False,
    )
    text = _Spelt(blocks)
    learner.train_from_iterator(text, trainer)
    return _numbered(json.loads(learner.to_str())["model"]["merges"], size - text.has_unk)


class _Spelt:
    """The runs of a text as the library reads them, some thousands at a time."""

    def __init__(self, blocks: Iterable[str]) -> None:
        self._blocks, self.has_unk = blocks, False

    def __iter__(self) -> Iterator[str]:
        for block in self._blocks:
            self.has_unk = self.has_unk or UNK in block
            runs = [run for part in end_lines(block).split(UNK) for run in runs_of(part)]
            for start in range(0, len(runs), _AT_ONCE):
                joined = "\n".join(runs[start : start + _AT_ONCE])
                yield in_bytes(joined).decode("latin-1").translate(_SPELLING)


def _numbered(merges: Iterable[Sequence[str]], size: int) -> tuple[Merge, ...]:
    """The pairs of texts as pairs of numbers, until there are so many pieces: see `Pieces`."""
    numbers = {letter: byte for byte, letter in enumerate(_LETTERS)}
    found = list[Merge]()
    for one, other in merges:
        if len(numbers) >= size:
            break
        found.append((numbers[one], numbers[other]))
        numbers.setdefault(one + other, len(numbers))
    return tuple(found)
