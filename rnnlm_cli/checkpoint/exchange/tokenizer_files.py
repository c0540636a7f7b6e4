"""The tokenizer of a model of pieces as a file of Hugging Face's tokenizers: their ids, its ids.

There a piece is spelt with a letter for each byte, as in GPT-2: what is visible in Latin-1 for
itself, and U+0100 and the next for the others.
"""

from __future__ import annotations

from rnnlm_cli.corpus.cutting.pieces import BYTES, RUN, bytes_of
from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.corpus.vocabulary import UNK
from rnnlm_cli.errors import ConfigError, library

SUFFIX = ".json"

_VISIBLE = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, BYTES)]
_OTHERS = [byte for byte in range(BYTES) if byte not in _VISIBLE]
_LETTERS = {byte: chr(byte) for byte in _VISIBLE}
_LETTERS |= {byte: chr(BYTES + place) for place, byte in enumerate(_OTHERS)}


def packed(words: TextRecord) -> bytes:
    """The file of such a tokenizer. Raises MissingExtra, and ConfigError for another unit."""
    cutter = words.tokenizer
    if not cutter.is_of_pieces:
        raise ConfigError(
            f"the unit of the model is {cutter}, but {SUFFIX} is for pieces (bpe): export its "
            "words to .txt"
        )
    made = library("tokenizers", extra="bpe")
    ids = {_letters(word): i for i, word in enumerate(words.words)}
    known = [_letters(word) for word in cutter.known]
    merges = [(known[one], known[other]) for one, other in cutter.merges]
    file = made.Tokenizer(made.models.BPE(ids, merges))
    spelling = [made.normalizers.NFC(), *([made.normalizers.Lowercase()] if cutter.lower else [])]
    file.normalizer = made.normalizers.Sequence(spelling)
    cut = made.pre_tokenizers
    file.pre_tokenizer = cut.Sequence(
        [
            cut.Split(made.Regex(RUN), "isolated"),
            cut.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    file.decoder = made.decoders.ByteLevel()
    if UNK in ids:
        file.add_special_tokens([UNK])
    data: str = file.to_str(pretty=True)
    return f"{data}\n".encode()


def _letters(word: str) -> str:
    return word if word == UNK else "".join(map(_LETTERS.__getitem__, bytes_of(word)))
