"""Texts out of a saved model, as in chapter 7.1."""

from rnnlm_cli.book import *

np.random.seed(2)
words = "you say goodbye and i say hello . <unk> n".split(" ")
corpus, word_to_id, id_to_word = preprocess(" ".join(words))
vocab_size = len(word_to_id)

model = RnnlmGen(vocab_size, 6, 5)
model.load_params("Rnnlm.pkl")

start_id = word_to_id["you"]
skip_ids = [word_to_id[w] for w in ["n", "<unk>"]]
word_ids = model.generate(start_id, skip_ids, 12)
txt = " ".join([id_to_word[word_id] for word_id in word_ids])
print(txt)

model.reset_state()
for x in [word_to_id[w] for w in ["i", "say"]]:
    x = np.array(x).reshape(1, 1)
    model.predict(x)
state = model.get_state()
np.random.seed(3)
first = model.generate(word_to_id["hello"], sample_size=8)
model.set_state(state)
np.random.seed(3)
second = model.generate(word_to_id["hello"], sample_size=8)
print(first == second)
