"""What the help of a command ends with: command lines to begin with, and what each does."""

from __future__ import annotations

EXAMPLES: dict[str, dict[str, str]] = {
    "train": {
        "rnnlm train --corpus novel.txt": "a model of a text of your own",
        "rnnlm train --corpus ptb --budget 10m --seed 1": "ten minutes of the Penn Treebank",
        "rnnlm train --resume": "go on with a run that was stopped",
        "rnnlm train --corpus ptb --preset book": "the Rnnlm of the book",
        "rnnlm train --corpus songs.txt --init-from novel.pkl --out songs.pkl": "fine-tune a model",
        "rnnlm train --sweep sweep.toml": "many runs, of which the best is kept",
    },
    "eval": {
        "rnnlm eval": "perplexity of the test split of the model's own text",
        "rnnlm eval novel.pkl --file letters.txt": "of another text",
        "rnnlm eval novel.pkl songs.pkl --file letters.txt": "two models, and which is better",
        "rnnlm eval --temper --cache --dynamic": "with what a model learns as it reads",
    },
    "generate": {
        'rnnlm generate --start "you"': "go on from these words",
        "rnnlm generate --samples 5 --length 40 --temperature 0.8 --seed 1": "five short texts",
        "rnnlm generate --beam 8 --record line": "the likeliest line that a search finds",
        "rnnlm generate novel.pkl --interactive": "write together, word by word",
        "cat letter.txt | rnnlm generate --file -": "go on from a text",
    },
    "inspect": {
        "rnnlm inspect novel.pkl": "what a model is, and how it came about",
        "rnnlm inspect --nearest king --nearest queen": "the words most like these",
        'rnnlm inspect --text "the wolf ate her"': "its gates and cells over these words",
        "rnnlm inspect --units": "units that react to something",
        "rnnlm inspect --plot novel.png": "learning curves and a map of words",
        "rnnlm inspect --html novel.html": "a report to open in a browser",
    },
    "score": {
        'rnnlm score --text "the wolf ate her"': "bits of each word, as tab-separated rows",
        "rnnlm score --file letters.txt --by line -o letters.csv": "a row a line, into a file",
        'rnnlm score --text "the wolf ate her" --heat': "the text, coloured by surprisal",
        "rnnlm score --table words.csv --group-by item -o scored.csv": "the words of a table",
        "rnnlm score --pairs pairs.tsv": "which sentence of each pair is likelier",
    },
    "export": {
        "rnnlm export novel.pkl novel.safetensors": "for torch; prints what loads it",
        "rnnlm export novel.pkl novel.onnx": "for ONNX runtimes",
    },
    "import": {
        "rnnlm import lstm.safetensors lstm.pkl --vocab words.txt": "an LSTM that torch trained",
    },
    "completion": {
        "rnnlm completion bash >> ~/.bashrc": "from the next shell on, Tab completes",
        "rnnlm completion zsh >> ~/.zshrc": "the same in zsh, behind its compinit",
        "rnnlm completion fish > ~/.config/fish/completions/rnnlm.fish": "the same in fish",
    },
}

EXIT_CODES = {
    0: "done",
    1: "an error, told in one line on standard error",
    2: "a command line that cannot be read",
    129: "stopped by SIGHUP",
    130: "stopped by Ctrl-C",
    143: "stopped by SIGTERM; a run in training has saved its state in all three",
}


def epilog(verb: str) -> str:
    """The examples of a command, as Typer shows them at the end of its help."""
    told = [f"{line}\n    {what}" for line, what in EXAMPLES[verb].items()]
    return "\n".join(["Examples:", *told])


def exit_codes() -> str:
    """What a shell is told, as the end of the help of `rnnlm`."""
    return "\n".join(["Exit codes:", *(f"{code:>3}  {what}" for code, what in EXIT_CODES.items())])
