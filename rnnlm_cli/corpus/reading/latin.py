"""Which encodings make a text in Latin letters one of a language: by letters and small words."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple


class _Language(NamedTuple):
    """What is not ASCII in its words, and words that are in nearly every text."""

    common: frozenset[str]
    rare: frozenset[str]
    words: frozenset[str]


def _language(common: str, rare: str, words: str) -> _Language:
    return _Language(frozenset(common), frozenset(rare), frozenset(words.split()))


# English, French, German, Spanish, Italian, Portuguese, Dutch; Swedish, Danish (and Norwegian),
# Finnish, Icelandic, Catalan; Hungarian, Polish, Czech, Slovak, Croatian (and Slovenian), Romanian,
# Turkish; Estonian, Latvian, Lithuanian
_LANGUAGES = (
    _language("", "éèêàçñïöü", "the of and to in is that for it with as was not be are"),
    _language("éèàêç", "âîôùûëïœæüÿ", "de la le les et des en un une du que est pour dans pas"),
    _language("äöüß", "é", "der die und in den von zu das mit sich des auf ist nicht ein eine"),
    _language("áéíóúñ", "ü", "de la que el en y a los se del las un por con no una para es"),
    _language("àèéìòù", "íóúîâ", "di e il la che in un a per non una del si con le da sono è"),
    _language("ãáéçêíóõ", "âàôúüò", "de a o que e do da em um para com não uma os no se na"),
    _language("éëï", "èêáäíóôöûü", "de van het een en in is dat op te zijn met voor niet aan"),
    _language("åäö", "éàü", "och i att det som en på är av för med till den inte om ett"),
    _language("åæøé", "èêóòôäöü", "og i det at en den til er som på de med for af av ikke et"),
    _language("äö", "åšž", "ja on ei että se oli hän mutta ovat kun niin tai voi tämä"),
    _language("áæéíóðöúýþ", "", "og að í á er sem til við um ekki var með en það af"),
    _language("àéèíóòçú", "ïü", "de la i el que a en les per un no del es amb una els"),
    _language("áéíóöőüúű", "", "a az és hogy nem is egy ez meg de csak van volt már"),
    _language("ąćęłńóśźż", "", "w i z na do nie się jest to że o jak za od dla po przez"),
    _language("áčéěířšůýž", "ďňóťú", "a v se na je z s do o že to pro nebo není k jako"),
    _language("áčéíľšťúýž", "äďĺňóôŕ", "a v sa na je z s do o že to pre alebo nie k ako"),
    _language("ćčđšž", "", "i u je se na za da ne su od s to nije ili kao in v ni za"),
    _language("ăâîşţ", "", "de în a şi la nu cu un o pe din că este sau pentru care"),
    _language("çğıöşü", "âîû\u0307", "ve bir bu için ile de da değil daha olarak çok en ne"),
    _language("äõöü", "šž", "ja on ei et see ka kui oli ning või mis seda ta"),
    _language("āēģīķļņšūž", "č", "un ir ar no uz nav tas par ka vai kā lai pie"),
    _language("ąčęėįšųūž", "", "ir yra į kad ne su iš tai kaip bet ar už po"),
)
# The commonest first: of those that fit alike it is taken.
_ENCODINGS = """
    cp1252 cp1250 iso8859_2 cp1254 cp1257 iso8859_13 iso8859_15 mac_roman cp850 cp852
""".split()
_COMMON = {"cp1252": 0.5, "cp1250": 0.3, "iso8859_2": 0.2}  # how many characters that outweighs

_SIGNS = frozenset("‘’‚“”„«»‹›–—…•°£€§¡¿©®™´·\xa0\xad")
_BETWEEN_LETTERS, _ALIKE_ON_BOTH_SIDES = frozenset("‘’\xad"), frozenset("–—·")

_RARE, _STRANGE = 0.5, 6.0  # what speaks against a language: a rare letter of it, no letter of it
_MOST_AGAINST = 0.5  # on the average: there are names from other languages
_LARGEST_SHARE = 0.3  # of the letters: so many are no ASCII where they are Latin


def latin_encodings(sample: bytes) -> list[str]:
    """The encodings in which `sample` may be a text in Latin letters, the likeliest first."""
    fits = {name: fit for name in _ENCODINGS if (fit := _fit(sample, name)) is not None}
    return sorted(fits, key=fits.__getitem__, reverse=True)


def _fit(sample: bytes, encoding: str) -> float | None:
    """How well `sample` is a text of the language that fits it best; None if of none.

    It is at most 0 for each character that is no ASCII, plus the share of small words.
    """
    try:
        text = sample.decode(encoding)
    except UnicodeError:
        return None
    places = [at for at, character in enumerate(text) if not character.isascii()]
    good = Counter(text[at].lower() for at in places if _stands_well(text, at))
    letters = {character: count for character, count in good.items() if character.isalpha()}
    signs = sum(count for character, count in good.items() if character in _SIGNS)
    words = Counter(re.findall(r"[^\W\d_]+", text.lower()))
    if sum(letters.values()) > max(1, _LARGEST_SHARE * sum(len(w) * n for w, n in words.items())):
        return None
    odd = len(places)
    against = {
        language: (_against(letters, language) + _STRANGE * (odd - signs)) / max(1, odd)
        for language in _LANGUAGES
    }
    fits = [
        sum(words[word] for word in language.words) / max(1, words.total()) - much
        for language, much in against.items()
        if much <= _MOST_AGAINST
    ]
    return max(fits) + _COMMON.get(encoding, 0.0) / max(1, odd) if fits else None


def _against(letters: dict[str, int], language: _Language) -> float:
    """What the `letters` say against the `language`, less what they would if all were strange."""
    common = sum(letters.get(letter, 0) for letter in language.common)
    rare = sum(letters.get(letter, 0) for letter in language.rare)
    return rare * _RARE - (common + rare) * _STRANGE


def _stands_well(text: str, at: int) -> bool:
    """Not a sign between letters, nor a capital behind a small letter or the other way round."""
    character, before, behind = text[at], text[at - 1 : at], text[at + 1 : at + 2]
    if character in _ALIKE_ON_BOTH_SIDES:
        return before.isspace() == behind.isspace()
    if character in _SIGNS:
        return character in _BETWEEN_LETTERS or not (before.isalpha() and behind.isalpha())
    if character.isupper():
        return not before.islower()
    return not (character.islower() and behind.isupper())
