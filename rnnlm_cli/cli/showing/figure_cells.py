"""The figures of a text under a model, and the counts of the text, as lines and cells."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial

from rnnlm_cli.checkpoint.contents import RunRecord
from rnnlm_cli.cli.showing.render import number
from rnnlm_cli.corpus.cutting.units import Tokenizer
from rnnlm_cli.corpus.encoded_text import TextSizes
from rnnlm_cli.corpus.vocabulary import UNK, Lost
from rnnlm_cli.scoring.figures import Figures
from rnnlm_cli.settings.text import Split

NOTABLE = 0.10  # of more unknown tokens a perplexity says little


def bits_per_character(bits: float | None, *, at_least: bool) -> str:
    """As a cell: a lower bound is told to be one."""
    if bits is None or math.isnan(bits):
        return "—"
    return ("≥ " if at_least else "") + number(bits, 4)


def hiding(*, unknown: bool, lower: bool) -> str:
    """Why bits a character are a lower bound; "" where they are not."""
    whats = ["unknown words"] * unknown + ["capitals made small"] * lower
    return f"{' and '.join(whats)} hide characters" if whats else ""


def share_unknown(share: float) -> str:
    """A share of tokens; a little is not nothing, nor is nearly all of it all."""
    if 0 < share < 0.0005 or 0.9995 <= share < 1:
        return "under 0.1%" if share < 0.5 else "over 99.9%"
    return f"{share:.1%}" if share else "0%"


def pairs_of_tests(run: RunRecord, part: str = "  {figure}") -> list[tuple[str, object]]:
    """What is known of the tests of a run, as names and values; of earlier versions little.

    `part` names a `figure` of some of the tokens: by default it stands below that of all of them.
    """
    pairs: list[tuple[str, object]] = []
    for protocol, perplexity in run.test_perplexity.items():
        found, named = run.tests.get(protocol), partial(part.format, protocol=protocol)
        condition = _condition(found) if found else ""
        pairs.append((f"test perplexity ({protocol})", number(perplexity) + condition))
        if found and found.unknown:
            pairs.append((named(figure="without unknown"), number(found.perplexity_known)))
        if found and not math.isnan(found.perplexity_without_eos):
            pairs.append((named(figure="without <eos>"), number(found.perplexity_without_eos)))
    return pairs + [pair for found in run.tests.values() for pair in _of_characters(found)]


def _condition(found: Figures) -> str:
    error = "" if math.isnan(found.standard_error) else f" ± {number(found.standard_error)}"
    return f"{error}, {share_unknown(found.unknown_share)} unknown"


def _of_characters(found: Figures) -> list[tuple[str, object]]:
    """Only one protocol of a run, the stream, knows them."""
    if found.characters_per_token is None:
        return []
    bits = bits_per_character(found.bits_per_character, at_least=found.is_lower_bound)
    hides = hiding(unknown=found.unknown > 0, lower=found.lower)
    return [
        ("bits a character", f"{bits} ({hides})" if hides else bits),
        ("characters a token", number(found.characters_per_token)),
    ]


def sizes_line(splits: Mapping[Split, TextSizes], cut: Lost | None) -> str:
    """How much of each split is unknown, how long its tokens are, and what was cut."""
    sizes = splits.values()
    unknown = " / ".join(share_unknown(each.unknown_share) for each in sizes)
    characters = " / ".join(f"{each.characters_per_token:.2f}" for each in sizes)
    cuts = {"--min-count": cut.rare, "--max-vocab": cut.beyond} if cut else {}
    by = " and ".join(f"{count:,} by {option}" for option, count in cuts.items() if count)
    dropped = f"; of {cut.types:,} types cut: {by}" if cut and by else ""
    return f"{unknown} unknown; {characters} characters each{dropped}"


def unknown_warning(
    share: float, of: str, tokenizer: Tokenizer, cut: Lost | None, *, way: str = ""
) -> str | None:
    """What to say where a notable share of the tokens `of` something is unknown, and the ways out.

    They are the settings of a new run that would have fewer, unless there is another `way`.
    """
    if share <= NOTABLE:
        return None
    ways = [way] if way else _ways_out(tokenizer, cut) or ["on more text of the kind"]
    listed = " or ".join(filter(None, [", ".join(ways[:-1]), ways[-1]]))
    return (
        f"{share:.1%} of the tokens {of} are {UNK}, which a perplexity takes for one word: "
        f"train {listed} to have fewer"
    )


def _ways_out(tokenizer: Tokenizer, cut: Lost | None) -> list[str]:
    """With its settings; only those that change something, and that a run would take."""
    ways = {
        "--unit char": tokenizer.blanks == "between",
        # Where the other splits have words of their own it ends in an error.
        "--min-count 1": cut is not None and cut.rare > 0 and not cut.unseen,
        "a larger --max-vocab": cut is not None and cut.beyond > 0,
        "--lower": not tokenizer.lower and (cut is None or cut.capitals > 0),
    }
    found = [way for way, helps in ways.items() if helps]
    return [f"with {found[0]}", *found[1:]] if found else []
