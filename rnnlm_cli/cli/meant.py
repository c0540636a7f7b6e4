"""What was meant where a command line says something else: the command that would do it."""

from __future__ import annotations

import difflib
import os
import re
import shlex
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from rnnlm_cli.errors import CheckpointError, printable
from rnnlm_cli.settings.run import DEFAULT_CHECKPOINT

_HEAD = 2_048  # bytes that tell a text from a model
_TEXT_NAME = re.compile(r".*\.(?:txt|text|md|gz|tokens|raw|csv|tsv|json|jsonl)", re.IGNORECASE)

# Commands by other names, as other programs and plain English have them.
_COMMANDS = {
    **dict.fromkeys("perplexity ppl test evaluate evaluation".split(), "rnnlm eval"),
    **dict.fromkeys("sample write gen complete predict".split(), "rnnlm generate"),
    **dict.fromkeys("show info look nearest summary".split(), "rnnlm inspect"),
    **dict.fromkeys("fit learn new run".split(), "rnnlm train"),
    **dict.fromkeys("resume continue".split(), "rnnlm train --resume"),
    **dict.fromkeys("finetune fine-tune".split(), "rnnlm train --init-from MODEL"),
    **dict.fromkeys("list corpora datasets".split(), "rnnlm train --list-corpora"),
    **dict.fromkeys("convert save to-onnx to-torch".split(), "rnnlm export"),
    "help": "rnnlm --help",
    "version": "rnnlm --version",
}

# The same for options: of which command each is, and how it is written there.
_OPTIONS = {
    "train": {
        "--corpus": "data data-dir dataset input train-file train-data text-file",
        "--out": "output save save-dir model-file checkpoint-dir",
        "--lr": "learning-rate rate",
        "--wordvec-size": "emsize embedding-size embedding-dim embed-size emb-size d-model",
        "--hidden-size": "nhid rnn-size hidden hidden-dim units num-units n-embd",
        "--layers": "nlayers num-layers n-layers n-layer",
        "--time-size": "bptt seq-length seq-len block-size sequence-length num-steps",
        "--max-grad": "clip grad-clip max-norm clipping",
        "--weight-decay": "wdecay l2",
        "--epochs": "num-epochs n-epochs max-epochs epoch",
        "--steps": "max-iters iterations max-steps num-iters",
        "--optimizer": "optim optimiser",
        "--max-vocab": "vocab-size max-words",
        "--min-count": "min-freq threshold min-frequency",
        "--unit": "char characters level tokenizer word-level bpe subword subwords",
        "--bpe-size": "bpe-vocab-size num-merges merges pieces",
        "--init-from": "pretrained finetune",
        "--budget": "time minutes max-time",
    },
    "generate": {
        "--start": "prompt prefix seed-text primetext start-text beginning",
        "--length": "max-length max-tokens max-new-tokens num-words words tokens len",
        "--samples": "num-samples n-samples count num nsamples",
        "--temperature": "temp t",
        "--skip": "ban banned bad-words bad-words-ids",
        "--require": "force force-words force-words-ids required",
        "--file": "prompt-file start-file input",
        "--beam": "num-beams beam-size beam-width",
        "--length-penalty": "alpha",
        "--no-repeat-ngram": "no-repeat-ngram-size",
        "--typical-p": "typical",
        "--repetition-penalty": "penalty repeat-penalty",
        "--scores": "log-probs logprobs surprisal output-scores",
        "--novelty": "copied copies memorized memorised",
    },
    "eval": {
        "--text": "sentence string words",
        "--file": "input test-file",
        "": "perplexity ppl bits-per-character bpc surprisal loss",
    },
    "inspect": {"--nearest": "similar neighbours neighbors most-similar"},
    "export": {"--overwrite": "force yes"},
    "import": {"--vocab": "words word-list dictionary dict", "--overwrite": "force yes"},
}

_MODEL = "--model --checkpoint --ckpt --load --weights --model-path --checkpoint-path".split()


def command_for(words: Sequence[str], verbs: Collection[str]) -> str:
    """What the first of `words`, none of the `verbs`, may have meant: the end of a sentence."""
    name = words[0]
    if found := _COMMANDS.get(name.lower()):
        return "what does that is " + " ".join([found, *map(_shell, words[1:])])
    match kind_of(name):
        case "text":
            return f"to train on it: {_train(words)}"
        case "model":
            shown = _shell(name)
            return f"a model goes after a command: rnnlm generate {shown}, or rnnlm eval {shown}"
    if alike := difflib.get_close_matches(name, verbs, n=1):
        return f"maybe rnnlm {alike[0]}"
    return f"the commands are {', '.join(verbs)}"


def option_for(name: str, verb: str, options: Mapping[str, Collection[str]]) -> str:
    """What `--name`, which `verb` does not have, may have meant: the end of a sentence.

    `options` are those of all verbs.
    """
    spelt = "--" + name.lower().lstrip("-").replace("_", "-")
    own = options.get(verb, ())
    if spelt in own:
        return f"it is written {spelt}"
    if others := [f"rnnlm {other}" for other, theirs in options.items() if spelt in theirs]:
        return f"it is an option of {' and '.join(others)}"
    if spelt in _MODEL:
        needs, start = ("--init-from", "--init-from ") if verb == "train" else ("no option", "")
        return f"a model is named with {needs}: rnnlm {verb} {start}MODEL.pkl"
    elsewhere = []
    for other, names in _OPTIONS.items():
        for option in (option for option in names if spelt[2:] in names[option].split()):
            if other == verb:
                return f"here it is called {option}" if option else "that is what it prints"
            elsewhere.append(f"rnnlm {other} {option}".rstrip())
    if elsewhere:
        return f"what does that is {' or '.join(elsewhere)}"
    if alike := difflib.get_close_matches(spelt, own, n=2):
        return f"maybe {' or '.join(alike)}"
    return f"{f'rnnlm {verb}'.rstrip()} --help lists what there is"


def arguments_for(words: Sequence[str], verb: str, corpora: Sequence[str] = ()) -> str:
    """What was meant by `words`, arguments that `verb` does not take: the end of a sentence.

    `corpora` are those that options named.
    """
    models = [word for word in words if kind_of(word) == "model"]
    others = [word for word in words if word not in models]
    named = "".join(f" {_shell(word)}" for word in models)
    if verb == "train" and models:
        return f"to begin with a model: {_train([*corpora, *others])} --init-from{named}"
    if verb == "train":
        return f"every text is named by an option: {_train([*corpora, *words])}"
    if len(models) > 1 or kind_of(others[0]) != "words":
        return "it takes one model"
    if verb == "generate":
        start = _shell(" ".join(others))
        return f"a text is begun by an option: rnnlm generate{named} --start {start}"
    options = "".join(f" --nearest {_shell(word)}" for word in others)
    return f"words are named by an option: rnnlm {verb}{named}{options}"


def kind_of(argument: str) -> str:
    """What it seems to be: "text" (a file, a folder, a name, an address), "model" or "words"."""
    from rnnlm_cli.corpus.reading.files import is_in_the_web
    from rnnlm_cli.corpus.reading.places import is_registered  # which takes NumPy
    from rnnlm_cli.pickling.regular_files import opened

    if is_registered(argument) or is_in_the_web(argument):
        return "text"
    if argument.endswith((".pkl", ".safetensors")):
        return "model"
    if os.path.isdir(argument) or _TEXT_NAME.fullmatch(argument):
        return "text"
    try:
        with opened(argument) as (file, _):
            head = file.read(_HEAD)
    except CheckpointError:
        return "model"
    except (OSError, ValueError):
        is_path = os.path.dirname(argument) and len(argument.split()) == 1
        return "model" if is_path else "words"
    strange = head.count(0) or head.decode("utf-8", "replace").count("\ufffd") > 1  # 1: cut in two
    return "model" if strange else "text"


def instead_of_a_model(argument: str, verb: str, others: Sequence[Path] = ()) -> str:
    """What was meant by an argument that is no model: the end of a sentence; "" if nothing else.

    `others` are the models that are given beside it.
    """
    kind, shown = kind_of(argument), _shell(argument)
    models = "".join(f" {_shell(str(path))}" for path in others)
    if kind == "model" or argument == str(DEFAULT_CHECKPOINT):
        return ""
    if kind == "words" and verb in ("export", "import"):  # which take none
        return ""
    if kind == "words":
        option = {"generate": "start", "inspect": "nearest"}.get(verb, "text")
        return f"words go with an option: rnnlm {verb}{models} --{option} {shown}"
    if verb not in ("eval", "score"):
        return f"it is a text, to train one on: {_train([argument])}"
    fetch, file = _fetched(argument)
    is_file = os.path.isfile(file) or _TEXT_NAME.fullmatch(file) is not None
    option = "--file" if is_file or verb == "score" else "--corpus"
    return f"it is a text, to be scored: {fetch}rnnlm {verb}{models} {option} {_shell(file)}"


def _train(words: Sequence[str]) -> str:
    """The command that trains on the texts among `words`."""
    texts = [_fetched(word) for word in words if not word.startswith("-")]
    fetch = "".join(fetch for fetch, _ in texts)
    return f"{fetch}rnnlm train" + "".join(f" --corpus {_shell(file)}" for _, file in texts)


def _fetched(text: str) -> tuple[str, str]:
    """What to type first if `text` is in the web, and the file that it is then."""
    from rnnlm_cli.corpus.reading.files import is_in_the_web

    if not is_in_the_web(text):
        return "", text
    return f"curl -LO {_shell(text)} && ", text.rpartition("/")[2]


def _shell(word: str) -> str:
    return shlex.quote(printable(word))
