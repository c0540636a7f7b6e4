"""Speed and memory, every contender in turn in one run.

    python -m benchmarks                       everything, some minutes
    python -m benchmarks train --quick         one kind of work, less exact
    python -m benchmarks presets               what users run: tiny, small, medium, on two texts
    python -m benchmarks vocabularies          from 1,000 to 500,000 words
    python -m benchmarks --kernels haswell     as on a processor without AVX-512
    python -m benchmarks --json speed.json --plot speed.svg

With the extra `bench` torch takes part. OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE must be unset.
"""

from __future__ import annotations

import json as json_module
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from rnnlm_cli.threads import let_idle_blas_threads_sleep

let_idle_blas_threads_sleep()

from benchmarks import processes, vocabularies, works  # noqa: E402
from benchmarks.kernels import LACKS, checked  # noqa: E402
from benchmarks.measure import Comparison  # noqa: E402
from benchmarks.parts import step_parts  # noqa: E402
from benchmarks.report import (  # noqa: E402
    comparison_table,
    document,
    figures_table,
    machine,
    plot,
)
from benchmarks.scaling import scaling  # noqa: E402
from benchmarks.sizes import PRESETS, SIZES, find_size  # noqa: E402
from rnnlm_cli.cli.showing.render import console  # noqa: E402

WORKS = (
    "train",
    "presets",
    "split",
    "generate",
    "texts",
    "stream",
    "score",
    "scaling",
    "processes",
    "vocabularies",
)
_MODELS = {"split": ["tied256"], "presets": list(PRESETS)}  # of the works that have their own
_FIGURES = {
    "presets": ("part_milliseconds", step_parts),
    "scaling": ("step_milliseconds", scaling),
}
_KERNELS = "RNNLM_BENCHMARKS_KERNELS"  # those that this process was started for


def _comparisons(work: str, model: str, rounds: int) -> list[Comparison]:
    size, small = find_size(model), model != "BetterRnnlm"
    match work:
        case "train":
            return [works.compare_training(size, rounds, steps=10 if small else 2)]
        case "presets":
            return [works.compare_training(size, rounds, steps=3)]
        case "split":
            return [works.compare_split(size, rounds, steps=10 if small else 2)]
        case "generate":
            length = 1000 if small else 100
            return [
                works.compare_generation(size, rounds, 1, length),
                works.compare_generation(size, rounds, 64, length // 10),
            ]
        case "texts":
            return [
                works.compare_together(size, rounds, samples=64, length=100),
                works.compare_search(size, rounds, beam=8, length=100),
            ]
        case "stream":
            return [works.compare_streaming(size, rounds, 10_000 if small else 8_000)]
        case "score":
            sentences = 300 if small else 100
            return [works.compare_scoring(size, rounds, sentences, head) for head in (0, 1_500)]
    return []


def _begin_again_as_on(kernel: str) -> None:
    """Run the same command in a process that computes so: both choose when they are loaded."""
    if kernel not in LACKS:
        sys.exit(f"no kernels are called {kernel}: use one of {', '.join(LACKS)}")
    environment, _ = checked(kernel)
    command = [sys.executable, "-m", "benchmarks", *sys.argv[1:]]
    os.execve(sys.executable, command, environment | {_KERNELS: kernel})


def main(
    work: Annotated[
        list[str] | None, typer.Argument(help=f"Of {', '.join(WORKS)}. Default: all.")
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            help=f"Of {', '.join(SIZES)}, or a preset on a corpus, as in 'small on ptb'. Default: "
            "the book's two; the presets."
        ),
    ] = None,
    kernels: Annotated[
        str | None, typer.Option(help=f"Compute as another processor: {', '.join(LACKS)}.")
    ] = None,
    rounds: Annotated[int, typer.Option(help="Turns of each contender.", min=1)] = 5,
    quick: Annotated[bool, typer.Option("--quick", help="Three turns of each.")] = False,
    checkpoint: Annotated[
        Path | None, typer.Option(help="For start-up times: a model file with its words.")
    ] = None,
    corpus: Annotated[str, typer.Option(help="For the memory of training.")] = "ptb",
    json: Annotated[Path | None, typer.Option(help="Write all figures there.")] = None,
    picture: Annotated[Path | None, typer.Option("--plot", help="Draw them there.")] = None,
) -> None:
    """Measure speed and memory beside the bare GEMMs, a textbook step and torch."""
    if kernels is not None and os.environ.get(_KERNELS) != kernels:
        _begin_again_as_on(kernels)
    if kernels is None and (
        set_ones := [n for n in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE") if n in os.environ]
    ):
        sys.exit(f"{' and '.join(set_ones)} are set, which changes the speed: unset them")
    rounds = 3 if quick else rounds
    out = console()
    out.print(machine())
    found: list[Comparison] = []
    others: dict[str, Any] = {}
    for kind in work or WORKS:
        for name in model or _MODELS.get(kind, ["Rnnlm", "BetterRnnlm"]):
            if kind in _FIGURES:
                key, measure = _FIGURES[kind]
                figures = measure(find_size(name), rounds)
                others[f"{key} {name}"] = {k: asdict(f) for k, f in figures.items()}
                out.print(figures_table(f"ms of a training step, {name}", figures, digits=1))
            for comparison in _comparisons(kind, name, rounds):
                out.print(comparison_table(comparison))
                found.append(comparison)
        if kind == "vocabularies":
            rows = list(vocabularies.vocabularies(rounds))
            others["vocabularies"] = [asdict(row) for row in rows]
            out.print(vocabularies.shown(rows))
        if kind == "processes":
            memory = processes.training_memory(corpus, 20)
            others["peak_megabytes"] = memory
            for name, megabytes in memory.items():
                out.print(f"training {name} on {corpus}: at most {megabytes:,.0f} MB")
            if checkpoint is not None:
                started = processes.start_up(checkpoint, rounds)
                others["seconds"] = {k: asdict(f) for k, f in started.items()}
                out.print(figures_table("seconds", started))
    if json is not None:
        json.write_text(json_module.dumps(document(found, others), indent=1), encoding="utf-8")
    if picture is not None:
        plot(found, picture)


if __name__ == "__main__":
    typer.run(main)
