"""`rnnlm export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from rnnlm_cli.cli.options import (
    CorpusOption,
    EncodingOption,
    JsonOption,
    OverwriteOption,
    bad_usage,
    with_options,
)
from rnnlm_cli.settings.text import GivenWords


@with_options(GivenWords)
def export(
    model: Annotated[Path, typer.Argument(help="The model file.", metavar="MODEL")],
    out: Annotated[
        Path,
        typer.Argument(
            help="NAME.safetensors (torch; a loader for it is printed), NAME.onnx, NAME.pkl (the "
            "book's list of arrays), NAME.vec (word vectors, as word2vec writes them), NAME.txt "
            "(the vocabulary) or NAME.json (the tokenizer of pieces).",
            metavar="OUT",
        ),
    ],
    corpus: CorpusOption = None,
    encoding: EncodingOption = None,
    *,
    overwrite: OverwriteOption = False,
    json: JsonOption = False,
    **given: Any,
) -> None:
    """Write a model for torch, ONNX runtimes, the book's code, or readers of word vectors."""
    from rnnlm_cli.checkpoint.exchange.exporting import form_of
    from rnnlm_cli.cli.opening import Opening, named_corpus
    from rnnlm_cli.cli.showing.documents import export_document
    from rnnlm_cli.cli.showing.render import print_json, say_note
    from rnnlm_cli.cli.showing.writing import write_loader

    with bad_usage():
        form_of(out)
        named = named_corpus(corpus, encoding)
        opening = Opening(verb="export", named=named, out=out, **given)
    exported = opening.model(model).export_to(out, overwrite=overwrite)
    if json:
        print_json(export_document(model, exported))
        return
    say_note(f"{out}: {exported.what}, {exported.size:,} bytes")
    if exported.note:
        say_note(exported.note)
    if exported.loader:
        say_note("what loads it in torch is printed: > NAME.py keeps it")
        write_loader(exported.loader)
