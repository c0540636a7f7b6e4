"""The vocabulary: which words there are, and which id each has."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat

import numpy as np

from rnnlm_cli.arrays import Ids
from rnnlm_cli.errors import VocabularyError, quoted

EOS = "<eos>"  # the end of a line
UNK = "<unk>"  # any word that has no id of its own


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """V distinct words; a word's id is its place in `words`. `<eos>` is always one of them.

    `ids` is the inverse of `words`; `unk_id` is None where there is no `<unk>`.
    Raises VocabularyError if a word is no text or stands twice, or if `<eos>` is missing.
    """

    words: tuple[str, ...] = field(repr=False)
    ids: Mapping[str, int] = field(init=False, repr=False, compare=False)
    eos_id: int = field(init=False, compare=False)
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
        if EOS not in ids:
            raise VocabularyError(f"{len(ids)} words, but none is {EOS}, which ends every line")
        object.__setattr__(self, "ids", ids)
        object.__setattr__(self, "eos_id", ids[EOS])
        object.__setattr__(self, "unk_id", ids.get(UNK))

    @classmethod
    def from_tokens(
        cls,
        tokens: Iterable[str],
        *,
        min_count: int,
        max_vocab: int,
        uncut: Callable[[str], bool] | None = None,
    ) -> Vocabulary:
        """The vocabulary of the training tokens, ids in the order of first appearance.

        Words seen fewer than `min_count` times are cut, then all but the most frequent, so that at
        most `max_vocab` words are left, `<eos>` and `<unk>` included (of equally frequent words
        those that appear first stay). A cut word is from then on `<unk>`, which therefore first
        appears where the first cut word did. `<eos>`, a literal `<unk>` and those that are
        `uncut` are never cut, be they more than `max_vocab`; an `<eos>` that never appears comes
        last.
        """
        counts = Counter(tokens)  # a dict: in the order of first appearance
        kept = _kept_words(counts, min_count, max_vocab, uncut)
        words = dict.fromkeys(word if word in kept else UNK for word in counts)
        words.setdefault(EOS)
        return cls(tuple(words))

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self.ids

    def encode(self, tokens: Sequence[str], where: str = "", advice: str = "") -> Ids:
        """The ids of `tokens`: int32 of shape (len(tokens),); unknown words become `<unk>`.

        Raises VocabularyError if a word is unknown and the vocabulary has no `<unk>`; its message
        names the word, its line (1 + the number of `<eos>` before it), the text `where` it
        stands, and gives `advice` (by default the words spelt most like it).
        """
        if self.unk_id is None:
            found: Iterable[int] = map(self.ids.__getitem__, tokens)
        else:
            found = map(self.ids.get, tokens, repeat(self.unk_id))
        try:
            return np.fromiter(found, dtype=np.int32, count=len(tokens))
        except KeyError:
            raise self._unknown(tokens, where, advice) from None

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

    def _unknown(self, tokens: Sequence[str], where: str, advice: str) -> VocabularyError:
        at = next(i for i, token in enumerate(tokens) if token not in self.ids)
        line = 1 + list(tokens[:at]).count(EOS)
        if not advice:
            alike = self.nearest(tokens[at])
            advice = "use a word that is in it" + (
                f", such as {', '.join(map(quoted, alike))}" if alike else ""
            )
        return VocabularyError(
            f"{where + ', ' if where else ''}line {line}: the word {quoted(tokens[at])} is not in "
            f"the vocabulary of {len(self)} words, and there is no {UNK} to stand for it: {advice}"
        )


def _kept_words(
    counts: Counter[str], min_count: int, max_vocab: int, uncut: Callable[[str], bool] | None
) -> set[str]:
    """The words of `counts` that keep an id of their own; all others become `<unk>`."""
    special = {EOS, UNK, *filter(uncut, counts if uncut else ())} & counts.keys()
    frequent = [w for w, n in counts.items() if n >= min_count and w not in special]
    needs_unk = UNK in special or len(frequent) + len(special) < len(counts)
    others = len((special | {EOS}) - {UNK})
    if len(frequent) + others + needs_unk > max_vocab:
        # sorted is stable, so equally frequent words stay in the order of first appearance
        most = max(0, max_vocab - others - 1)
        frequent = sorted(frequent, key=counts.__getitem__, reverse=True)[:most]
    return special.union(frequent)
