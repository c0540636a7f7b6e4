"""What `rnnlm inspect` shows of a model that reads: strips, units that react, pictures."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlm_cli.arrays import BIT, Ids
from rnnlm_cli.checkpoint.opened import Opened
from rnnlm_cli.cli.inspect_asked import AskedPicture, AskedStrips, Chosen
from rnnlm_cli.cli.pictures import Picture
from rnnlm_cli.cli.showing import inside, render
from rnnlm_cli.corpus.text_record import check_words, encode_given
from rnnlm_cli.errors import ConfigError, CorpusError
from rnnlm_cli.scoring.inspection import word_plane
from rnnlm_cli.scoring.traces import Trace
from rnnlm_cli.tasks.passage import Passage
from rnnlm_cli.tasks.reactions import features, reactions

_STRIPS, _ROWS = 3, 12  # units that are shown where none are chosen: in strips, in a picture
_READ = 20_000  # tokens of the validation split that units are looked for in
_MAPPED = 150  # words


def _units(chosen: Chosen, made: Sequence[Trace], most: int) -> tuple[int, list[int]]:
    """The LSTM and its units, from 0. Raises ConfigError for one that is not there."""
    layer = len(made) - 1 if chosen.lstm is None else chosen.lstm - 1
    if not 0 <= layer < len(made):
        raise ConfigError(f"lstm is {chosen.lstm}, but the model has {len(made)}")
    H = made[layer].h.shape[1]
    if beyond := [unit for unit in chosen.units if unit > H]:
        raise ConfigError(f"unit is {beyond[0]}, but that LSTM has units 1 to {H}")
    return layer, [unit - 1 for unit in chosen.units] or made[layer].most_moving(most)


def look_at_text(lm: Opened, asked: AskedStrips) -> None:
    """Strips of gates and cells over the words of a text."""
    ids = encode_given(lm.words, asked.text, "the text").ids
    made, tokens = lm.traces(ids), lm.words.vocabulary.decode(ids)
    layer, units = _units(asked.chosen, made, _STRIPS)
    if asked.json:
        render.print_json(inside.traces_document(tokens, made, units, layer))
        return
    inside.show_strips(tokens, made[layer], units)
    inside.show_time_constants(made, len(ids))


def look_for_units(lm: Opened, *, as_json: bool) -> None:
    """Units that react to something in the validation split, and their passages."""
    ids = _validation(lm)
    made, tokens = lm.traces(ids), lm.words.vocabulary.decode(ids)
    found = reactions(made, features(tokens))
    joined = lm.words.tokenizer.joined
    if as_json:
        render.print_json(inside.reactions_document(found, tokens, made, joined))
        return
    inside.show_reactions(found, tokens, joined)
    inside.show_time_constants(made, len(ids))


def draw(lm: Opened, asked: AskedPicture) -> None:
    """A picture of the model, or of a text."""
    picture = Picture(asked.path)
    if asked.text is None:
        _draw_model(lm, picture)
    else:
        _draw_text(lm, picture, asked.text, asked.chosen)
    render.say_notes(picture.notes)


def _draw_model(lm: Opened, picture: Picture) -> None:
    """Learning curves and a map of the most frequent words."""
    words, vectors = lm.words.words, lm.model.word_vectors
    corpus = lm.texts.at_hand()
    order, points, _ = word_plane(vectors, None if corpus is None else corpus.counts, _MAPPED)
    picture.model(lm.checkpoint.history, [words[i] for i in order], points, lm.name)


def _draw_text(lm: Opened, picture: Picture, text: str, chosen: Chosen) -> None:
    """Surprisal, gates and cells over the words of a text."""
    check_words(text, "the text")
    passage = Passage.of(lm.words, text, "the text")
    (scored,) = lm.scorer.score([passage])
    ids = scored.scores.ids  # without the first, if nothing stands before it
    if not len(ids):
        raise ConfigError(
            "a model without <eos> scores no first word, and the text has no other: give a second"
        )
    made = lm.traces(passage.ids)
    layer, units = _units(chosen, made, _ROWS)
    bits = (scored.scores.nats / BIT).tolist()
    picture.text(lm.words.vocabulary.decode(ids), bits, made[layer].last(len(ids)), units)


def _validation(lm: Opened) -> Ids:
    try:
        return lm.texts.trained_on().ids("valid")[:_READ]
    except CorpusError as error:
        raise CorpusError(f"{error}: units are looked for in its validation split") from None
