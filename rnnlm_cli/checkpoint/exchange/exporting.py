"""A model, or its words, as a file of another program; which, says the end of the file's name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from rnnlm_cli.arrays import Floats
from rnnlm_cli.atomic import write_atomically
from rnnlm_cli.checkpoint.exchange import (
    onnx_files,
    safetensors_files,
    tokenizer_files,
    word_vectors,
)
from rnnlm_cli.checkpoint.exchange.torch_loader import loader
from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.corpus.word_lines import line_of
from rnnlm_cli.errors import CheckpointError, ConfigError, quoted
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.model.sizes import EMBEDDING, ModelSizes
from rnnlm_cli.pickling import dump_arrays
from rnnlm_cli.settings.model import lstm_sizes, residual_lstms

# Neither is made if it is not needed: a model may lack words, or memory the room for it.
Model = Callable[[], LanguageModel]
Words = Callable[[], TextRecord]


@dataclass(frozen=True, slots=True)
class Form:
    """A form of file: what it is, its bytes, what is to be known of it, what loads it."""

    what: str
    write: Callable[[Model, Words], bytes]
    note: Callable[[Model, Words], str] | None = None
    loader: Callable[[str, ModelSizes], str] | None = None


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that was written; `note` is what is to be known of it, `loader` Python for torch."""

    path: Path
    what: str
    size: int  # bytes
    note: str
    loader: str


def _book_list(model: Model, words: Words) -> bytes:
    config = model().config
    if config.edges or residual_lstms(config):
        found = "a split softmax" if config.edges else "LSTMs that add to their input"
        raise CheckpointError(
            f"the model has {found}, which the book's list of arrays cannot tell: "
            "export it to .safetensors or .onnx"
        )
    params: list[Floats] = model().params
    return dump_arrays(params)


def _book_note(model: Model, words: Words) -> str:
    config = model().config
    sizes = {size for lstm in lstm_sizes(config) for size in lstm}
    is_rnnlm = config.layers == 1
    is_better = config.layers == 2 and config.tied and len(sizes) == 1
    if (is_rnnlm or is_better) and not config.projection:
        return ""
    return (
        "no class of the book is this model (Rnnlm has one LSTM, BetterRnnlm two of one size and "
        "tied weights), rnnlm alone reads it"
    )


def _text(lines: Iterable[str]) -> bytes:
    return "".join(lines).encode("utf-8", "backslashreplace")


def _vectors(model: Model, words: Words) -> bytes:
    return _text(word_vectors.lines(model().named_params()[EMBEDDING], words().words))


def _vectors_note(model: Model, words: Words) -> str:
    if word_vectors.names(words().words) == list(words().words):
        return ""
    return f"{word_vectors.BLANK} (U+2581) stands for a blank in a word, and \\t and the like"


FORMS = {
    safetensors_files.SUFFIX: Form(
        "safetensors, with torch's names",
        lambda model, words: safetensors_files.packed(
            model().named_params(), model().config, words().words
        ),
        loader=loader,
    ),
    onnx_files.SUFFIX: Form(
        "ONNX",
        lambda model, words: onnx_files.packed(
            model().named_params(), model().config, words().words
        ),
    ),
    ".pkl": Form("the book's list of arrays", _book_list, _book_note),
    word_vectors.SUFFIX: Form("word vectors, as word2vec writes them", _vectors, _vectors_note),
    ".txt": Form(
        "the vocabulary, a word a line",
        lambda model, words: _text(f"{line_of(w)}\n" for w in words().words),
    ),
    tokenizer_files.SUFFIX: Form(
        "the tokenizer of pieces, as Hugging Face's tokenizers reads it",
        lambda model, words: tokenizer_files.packed(words()),
    ),
}


def form_of(path: Path) -> Form:
    """The form that the name `path` asks for. Raises ConfigError."""
    if path.suffix not in FORMS:
        known = ", ".join(f"{suffix} ({form.what})" for suffix, form in FORMS.items())
        raise ConfigError(
            f"{quoted(path)} is no name of a file to export to: it must end in one of {known}"
        )
    return FORMS[path.suffix]


def check_free(path: Path, *, overwrite: bool) -> None:
    """Raises CheckpointError where a file would be written over, or none can have that name."""
    try:
        is_there = path.exists()
    except OSError as error:  # its name is too long, say
        raise CheckpointError(
            f"{quoted(path)} cannot be written ({error.strerror}): choose another name"
        ) from None
    if is_there and not overwrite:
        raise CheckpointError(
            f"{quoted(path)} is there already: choose another name, or overwrite it"
        )


def export(model: Model, words: Words, path: Path) -> Exported:
    """Write the file `path`, whole or not at all. Raises RnnlmError."""
    form = form_of(path)
    data = form.write(model, words)
    write_atomically(path, [data], len(data))
    note = form.note(model, words) if form.note else ""
    made = form.loader and form.loader(path.name, model().sizes)
    return Exported(path, form.what, len(data), note, made or "")
