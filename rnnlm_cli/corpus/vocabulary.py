"""The vocabulary: which words there are, and which id each has."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import string
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import repeat

import numpy as np

from rnnlm_cli.arrays import Ids, Mask
from rnnlm_cli.errors import VocabularyError, quoted

EOS = "<eos>"  # the end of a line
UNK = "<unk>"  # any word that has no id of its own

_BETWEEN_WHITE = re.compile(f"[^{string.whitespace}]+")  # in ASCII


@dataclass(frozen=True, slots=True)
class Lost:
    """What a training split had that its vocabulary has not; a type is a distinct token."""

    types: int  # in the training split
    rare: int  # of them: cut for being seen less often than min_count
    beyond: int  # of them: cut as the rarest of the others, beyond max_vocab
    capitals: int  # of them: with a capital
    unseen: int  # tokens of the other splits that no id would be left for, were nothing cut


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """V distinct words; a word's id is its place in `words`.

    `ids` is the inverse of `words`; `unk_id` is None where there is no `<unk>`. `eos_id` is None
    where there is no `<eos>`, as in words that were not made here: see `fitted`.
    Raises VocabularyError if a word is no text or stands twice.
    """

    words: tuple[str, ...] = field(repr=False)
    ids: Mapping[str, int] = field(init=False, repr=False, compare=False)
    eos_id: int | None = field(init=False, compare=False)
    unk_id: int | None = field(init=False, compare=False)

    def __post_init__(self) -> None:
        ids: dict[str, int] = {}
        for i, word in enumerate(self.words):
            if not isinstance(word, str):
                raise VocabularyError(f"word {i} is {quoted(word)}, but must be text")
            if ids.setdefault(word, i) != i:
                raise VocabularyError(
                    f"the word {quoted(word)} has two ids, {ids[word]} and {i}, but must have one"
                )
        object.__setattr__(self, "ids", ids)
        object.__setattr__(self, "eos_id", ids.get(EOS))
        object.__setattr__(self, "unk_id", ids.get(UNK))

    @classmethod
    def from_counts(
        cls,
        counts: Counter[str],
        *,
        min_count: int,
        max_vocab: int,
        uncut: Set[str] = frozenset(),
    ) -> Vocabulary:
        """The vocabulary of the training tokens, of which `counts` is a Counter.

        Ids follow the order of first appearance, which is that of a Counter's keys.

        Words seen fewer than `min_count` times are cut, then all but the most frequent, so that at
        most `max_vocab` words are left, `<eos>` and `<unk>` included (of equally frequent words
        those that appear first stay). A cut word is from then on `<unk>`, which therefore first
        appears where the first cut word did. `<eos>`, a literal `<unk>` and those that are
        `uncut` are never cut, be they more than `max_vocab`; an `<eos>` that never appears comes
        last.
        """
        kept = _kept_words(counts, min_count, max_vocab, uncut)
        words = dict.fromkeys(word if word in kept else UNK for word in counts)
        words.setdefault(EOS)
        return cls(tuple(words))

    @property
    def sha256(self) -> str:
        """The hash of the words, whatever their order."""
        return hashlib.sha256(json.dumps(sorted(self.words)).encode()).hexdigest()

    def is_unknown(self, ids: Ids) -> Mask:
        """(words,) whether each of `ids` (words,) is `<unk>`."""
        mask: Mask = ids == (-1 if self.unk_id is None else self.unk_id)
        return mask

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self.ids

    def encode(
        self, tokens: Sequence[str], where: str = "", advice: str = "", line: int = 1
    ) -> Ids:
        """The ids of `tokens`: int32 of shape (len(tokens),); unknown words become `<unk>`.

        Raises VocabularyError if a word is unknown and the vocabulary has no `<unk>`; its message
        names the word, its line (`line` + the number of `<eos>` before it), the text `where` it
        stands, and gives `advice` (by default the words spelt most like it).
        """
        words = self.fitted(tokens)
        if self.unk_id is None:
            found: Iterable[int] = map(self.ids.__getitem__, words)
        else:
            found = map(self.ids.get, words, repeat(self.unk_id))
        try:
            return np.fromiter(found, dtype=np.int32, count=len(words))
        except KeyError:
            raise self._unknown(tokens, where, advice, line) from None

    def fitted(self, tokens: Sequence[str]) -> Sequence[str]:
        """`tokens` as this vocabulary has them: the same, unless it lacks `<eos>`.

        Then a line end is the word of a line feed, if there is one, and what is no word is what
        stands between the white space in it: the book's `preprocess` cuts at blanks alone. What is
        fitted stays as it is.
        """
        if self.eos_id is not None:
            return tokens
        line_end = ["\n"] if "\n" in self.ids else []
        found: list[str] = []
        for token in tokens:
            for part in [token] if token in self.ids else _BETWEEN_WHITE.findall(token):
                found += line_end if part == EOS else [part]
        return found

    def decode(self, ids: Iterable[int] | Ids) -> list[str]:
        """The words of `ids`, in one list; raises VocabularyError for an id outside [0, V)."""
        words, numbers = self.words, np.asarray(ids if hasattr(ids, "__len__") else list(ids))
        if not numbers.size:
            return []
        low, high = int(numbers.min()), int(numbers.max())
        if low < 0 or high >= len(words):
            raise VocabularyError(
                f"id {low if low < 0 else high} names no word: the {len(words)} words of the "
                f"vocabulary have ids from 0 to {len(words) - 1}"
            )
        return [words[i] for i in numbers.ravel().tolist()]

    def nearest(self, word: str, count: int = 5) -> list[str]:
        """Up to `count` words spelt like `word`, most alike first: for messages."""
        # two huge words would take for ever to compare
        candidates = [w for w in self.words if len(w) <= 80 and w not in (EOS, UNK, word)]
        same = [w for w in candidates if w.casefold() == word.casefold()]
        alike = difflib.get_close_matches(word, candidates, n=count)
        return list(dict.fromkeys(same + alike))[:count]

    def _unknown(
        self, tokens: Sequence[str], where: str, advice: str, line: int
    ) -> VocabularyError:
        word = ""
        for token in tokens:
            if unknown := [word for word in self.fitted([token]) if word not in self.ids]:
                word = unknown[0]
                pieces = _BETWEEN_WHITE.finditer(token)
                start = next((piece.start() for piece in pieces if piece[0] == word), 0)
                line += token.count("\n", 0, start)
                break
            line += 1 if token == EOS else token.count("\n")
        if not advice:
            alike = self.nearest(word)
            advice = "use a word that is in it" + (
                f", such as {', '.join(map(quoted, alike))}" if alike else ""
            )
        return VocabularyError(
            f"{where + ', ' if where else ''}line {line}: the word {quoted(word)} is not in "
            f"the vocabulary of {len(self)} words, and there is no {UNK} to stand for it: {advice}"
        )


def _kept_words(counts: Counter[str], min_count: int, max_vocab: int, uncut: Set[str]) -> set[str]:
    """The words of `counts` that keep an id of their own; all others become `<unk>`."""
    special = counts.keys() & {EOS, UNK, *uncut}
    frequent = [w for w, n in counts.items() if n >= min_count and w not in special]
    needs_unk = UNK in special or len(frequent) + len(special) < len(counts)
    others = len((special | {EOS}) - {UNK})
    if len(frequent) + others + needs_unk > max_vocab:
        # sorted is stable, so equally frequent words stay in the order of first appearance
        most = max(0, max_vocab - others - 1)
        frequent = sorted(frequent, key=counts.__getitem__, reverse=True)[:most]
    return special.union(frequent)
