"""A text that is cut into tokens once, and kept until their ids are known.

What is kept is smaller than the text as a list of tokens; where it is not small it is a file.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass

import numpy as np

from rnnlm_cli.arrays import Ids
from rnnlm_cli.corpus.cache_folder import cache_folder
from rnnlm_cli.corpus.cutting.cut_block import CutBlock
from rnnlm_cli.corpus.cutting.processes import PROCESS_BYTES, cut_blocks, processes_for
from rnnlm_cli.corpus.cutting.units import Tokenizer
from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.corpus.kept import SMALL, kept, kept_ids
from rnnlm_cli.corpus.kept_text import KeptText
from rnnlm_cli.corpus.vocabulary import Vocabulary
from rnnlm_cli.machine import need
from rnnlm_cli.watching import Bars, Progress, in_silence


class CutText:
    """The tokens of a text by blocks, each with the line, from 1, that it begins with."""

    def __init__(self, blocks: Iterable[tuple[int, CutBlock]]) -> None:
        self._lines, self._ends = list[int](), [0]
        self._data = kept(self._packed(blocks))

    def _packed(self, blocks: Iterable[tuple[int, CutBlock]]) -> Iterator[bytes]:
        for line, block in blocks:
            packed = block.packed()
            self._lines.append(line)
            self._ends.append(self._ends[-1] + len(packed))
            yield packed

    def __iter__(self) -> Iterator[tuple[int, CutBlock]]:
        for line, start, end in zip(self._lines, self._ends, self._ends[1:], strict=False):
            yield line, CutBlock.unpacked(self._data[start:end])


_COUNTS = 520 << 20  # bytes of memory, at most, while words are counted: of 1 GB of text 530 MB
_DISK = 3  # bytes for each byte of text: tokens and counts on the way, ids twice

Cutting = Callable[[KeptText], Iterator[tuple[int, CutBlock]]]


@dataclass(frozen=True, slots=True)
class Cutter:
    """How texts are cut: by which tokenizer, on how many cores (None: all), and who is told."""

    tokenizer: Tokenizer
    threads: int | None = None
    stages: Bars = in_silence

    @contextmanager
    def cutting(self, size: int) -> Iterator[Cutting]:
        """In the block texts of so many bytes together are cut, told of where that is not small.

        Raises ConfigError where memory has no room for that.
        """
        processes = processes_for(size, self.threads)
        stages, note = in_silence, ""
        if size > SMALL:
            parts = {"counts": _COUNTS, "processes": processes * PROCESS_BYTES}
            need(f"encoding {size / 1e9:.1f} GB of text", parts, "use fewer --threads")
            stages, note = self.stages, _note(size, processes, sum(parts.values()))
        with ExitStack() as left, stages("encoding", size, "B", note=note) as told:

            def cut(text: KeptText) -> Iterator[tuple[int, CutBlock]]:
                return left.enter_context(closing(_cut(text, self.tokenizer, processes, told)))

            yield cut


def _note(size: int, processes: int, memory: int) -> str:
    """What it takes to encode a large text."""
    disk = _DISK * size
    several = f"by {processes} processes, " if processes > 1 else ""
    return (
        f"a text of {size / 1e6:,.0f} MB is encoded {several}once: it takes about "
        f"{memory / 1e6:,.0f} MB of memory and {disk / 1e6:,.0f} MB in {cache_folder()}"
    )


def _cut(
    text: KeptText, tokenizer: Tokenizer, processes: int, told: Progress
) -> Generator[tuple[int, CutBlock], None, None]:
    """The blocks of `text`, each with the line, from 1, that it begins with."""
    begun, line = deque[tuple[int, int]](), 1  # of each block under way: its line, and its bytes

    def blocks() -> Iterator[bytes]:
        nonlocal line
        for block in text.in_bytes():
            begun.append((line, len(block)))
            line += block.count(b"\n")
            yield block

    with closing(cut_blocks(tokenizer, blocks(), processes)) as cut:
        for block in cut:
            first, size = begun.popleft()
            told(size)
            yield first, block


@dataclass(frozen=True, slots=True)
class Encoder:
    """How a text becomes ids: what it is cut by, and the words that have one.

    `advice` is for who has a word without.
    """

    tokenizer: Tokenizer
    vocabulary: Vocabulary
    advice: str = ""

    def ids(self, blocks: Iterable[tuple[int, CutBlock]], where: str) -> Ids:
        """Those of a text that was cut by the tokenizer: read-only (tokens,), see `kept_ids`.

        Each block comes with the line that it begins with. Raises VocabularyError, which names
        `where` the text stands, as `Vocabulary.encode` does.
        """
        ids = (self._block_ids(line, block, where) for line, block in blocks)
        return kept_ids(ids, len(self.vocabulary))

    def text(self, ids: Ids, characters: int) -> EncodedText:
        """A text of these ids and so many `characters`; the ids become read-only."""
        ids.setflags(write=False)
        words, lower = self.vocabulary, self.tokenizer.lower
        return EncodedText(ids, words.eos_id, words.unk_id, characters, lower)

    def _block_ids(self, line: int, block: CutBlock, where: str) -> Ids:
        found = self._looked_up(block)
        if found is None:
            tokens = self.tokenizer.told(block.tokens, self.vocabulary)
            found = self.vocabulary.encode(tokens, where, self.advice, line)
        return found

    def _looked_up(self, block: CutBlock) -> Ids | None:
        """What `Vocabulary.encode` makes of the tokens, each of whose words is looked up but once.

        None where that takes more: to know words without line ends, or which of them is missed.
        """
        words = self.vocabulary
        lost = [word for word in block.words if word not in words.ids]
        untold = self.tokenizer.spacing_of(lost)  # no words to miss: see Tokenizer.told
        if words.eos_id is None or (words.unk_id is None and len(untold) < len(lost)):
            return None
        unknown = -1 if words.unk_id is None else words.unk_id
        found = [-1 if word in untold else words.ids.get(word, unknown) for word in block.words]
        ids = np.array(found, np.int32)[block.ids]
        return ids[ids >= 0] if untold else ids
