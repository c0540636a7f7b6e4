from collections import Counter, defaultdict

import numpy as np
import pytest

from rnnlm_cli.arrays import Ids
from rnnlm_cli.corpus.loading import load_corpus
from rnnlm_cli.corpus.reading.named import find_named
from rnnlm_cli.scoring.adapting.ngram import KneserNey
from rnnlm_cli.settings.text import CorpusConfig

V, EOS = 11, 2  # two of the words never come
Gram = tuple[int, ...]


def zipf_text(words: int, seed: int = 0) -> Ids:
    """A text in which words are as unequal as in a language, and follow one another."""
    rng = np.random.default_rng(seed)
    shares = np.array([1 / (rank + 1) for rank in range(9)])
    ids = rng.choice(9, size=words, p=shares / shares.sum())
    ids[1::3] = (ids[:-1:3] * 2 + 1) % 9
    return np.asarray(ids, np.int32)


class Textbook:
    """Chen & Goodman's formulas with dictionaries, one n-gram at a time."""

    def __init__(self, text: list[int], order: int) -> None:
        self.counts: list[dict[Gram, int]] = []
        for n in range(1, order + 1):
            grams = [tuple(text[i : i + n]) for i in range(len(text) - n + 1)]
            if n == order:
                self.counts.append(Counter(grams))
            else:
                before: dict[Gram, set[int]] = defaultdict(set)
                for i in range(1, len(text) - n + 1):
                    before[tuple(text[i : i + n])].add(text[i - 1])
                self.counts.append({gram: len(words) for gram, words in before.items()})
        self.discounts = [self.discount(counts) for counts in self.counts]

    @staticmethod
    def discount(counts: dict[Gram, int]) -> list[float]:
        n1, n2, n3, n4 = (sum(c == k for c in counts.values()) for k in (1, 2, 3, 4))
        if 0 in (n1, n2, n3):
            return [0, 0.5, 1.0, 1.5]
        Y = n1 / (n1 + 2 * n2)
        d = [0, 1 - 2 * Y * n2 / n1, 2 - 3 * Y * n3 / n2, 3 - 4 * Y * n4 / n3]
        return [min(max(0.1, x), k) for k, x in enumerate(d)]

    def p(self, word: int, context: Gram) -> float:
        counts, D = self.counts[len(context)], self.discounts[len(context)]
        lower = self.p(word, context[1:]) if context else 1 / V
        after = {gram: c for gram, c in counts.items() if gram[:-1] == context}
        total = sum(after.values())
        if not total:
            return lower
        c = after.get((*context, word), 0)
        gamma = sum(D[min(c, 3)] for c in after.values()) / total
        return (c - D[min(c, 3)]) / total + gamma * lower


@pytest.mark.parametrize("order", [1, 2, 3, 5])
@pytest.mark.parametrize("words", [3, 40, 400])
def test_all_places_at_once_are_the_textbooks_one_by_one(order: int, words: int) -> None:
    train, text = zipf_text(words), zipf_text(60, seed=1)
    text[20:23] = 10, 9, 0  # words that were never seen
    book = Textbook(train.tolist(), min(order, words))
    found = KneserNey(train, V, order).probabilities(text, before=EOS)
    history = [EOS, *text.tolist()]
    for i, word in enumerate(text.tolist()):
        context = tuple(history[max(0, i + 2 - min(order, words)) : i + 1])
        assert found[i] == pytest.approx(book.p(word, context if order > 1 else ()), rel=1e-9)


@pytest.mark.parametrize("words", [1, 5, 50, 3_000])
def test_every_context_has_shares_for_all_words_that_add_up_to_one(words: int) -> None:
    train = zipf_text(words)
    model = KneserNey(train, V)
    contexts = [[], [10], [0, 10, 1], [9, 9, 9, 9], *zipf_text(60, seed=2).reshape(-1, 5).tolist()]
    contexts += [train[i : i + 4].tolist() for i in (0, words // 2, words - 1)]
    for context in contexts:
        texts = [np.array([*context, word]) for word in range(V)]
        p = np.array([model.probabilities(text, before=EOS)[-1] for text in texts])
        assert (p > 0).all()
        assert p.sum() == pytest.approx(1, abs=1e-12)


def test_a_text_is_likelier_under_its_own_counts() -> None:
    model, text = KneserNey(zipf_text(3_000), V), zipf_text(500, seed=3)
    nats = -np.log(model.probabilities(text, before=EOS)).mean()
    shuffled = np.random.default_rng(0).permutation(text)
    assert nats < -np.log(model.probabilities(shuffled, before=EOS)).mean() - 0.3
    assert nats < np.log(V)


def test_nothing_counted_leaves_every_word_as_likely() -> None:
    p = KneserNey(zipf_text(9)[:0], V).probabilities(zipf_text(4), before=EOS)
    np.testing.assert_allclose(p, 1 / V)


@pytest.mark.ptb
def test_the_penn_treebank_has_the_perplexity_that_is_known_of_it() -> None:
    if find_named("ptb") is None:
        pytest.skip("the Penn Treebank is not at hand")
    ptb = load_corpus("ptb", CorpusConfig())
    model = KneserNey(ptb.ids("train"), len(ptb.vocabulary))
    nats = -np.log(model.probabilities(ptb.ids("test"), before=ptb.vocabulary.ids["<eos>"]))
    assert np.exp(nats.mean()) == pytest.approx(141.2, abs=0.3)  # Mikolov & Zweig 2012: 141.2
