"""A language model of a reader's own, trained as in chapter 6 (a loop of one's own: chapter 5)."""

from rnnlm_cli.book import *


class OwnRnnlm(BaseModel):
    def __init__(self, vocab_size, wordvec_size, hidden_size, lstms=1, dtype="f"):
        V, D, H = vocab_size, wordvec_size, hidden_size
        rn = np.random.randn

        embed_W = (rn(V, D) / 100).astype(dtype)
        self.layers = [TimeEmbedding(embed_W)]
        self.lstm_layers = []
        for k in range(lstms):
            size = D if k == 0 else H
            Wx = (rn(size, 4 * H) / np.sqrt(size)).astype(dtype)
            Wh = (rn(H, 4 * H) / np.sqrt(H)).astype(dtype)
            lstm = TimeLSTM(Wx, Wh, np.zeros(4 * H).astype(dtype), True)
            self.lstm_layers.append(lstm)
            self.layers.append(lstm)
        affine_W = (rn(H, V) / np.sqrt(H)).astype(dtype)
        self.layers.append(TimeAffine(affine_W, np.zeros(V).astype(dtype)))
        self.loss_layer = TimeSoftmaxWithLoss()

        self.params, self.grads = [], []
        for layer in self.layers:
            self.params += layer.params
            self.grads += layer.grads

    def forward(self, xs, ts):
        for layer in self.layers:
            xs = layer.forward(xs)
        return self.loss_layer.forward(xs, ts)

    def backward(self, dout=1):
        dout = self.loss_layer.backward(dout)
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return dout

    def reset_state(self):
        for lstm in self.lstm_layers:
            lstm.reset_state()


class TiedRnnlm(OwnRnnlm):
    def __init__(self, vocab_size, hidden_size, dropout_ratio=0.5, dtype="f"):
        super().__init__(vocab_size, hidden_size, hidden_size, 2, dtype)
        embed, lower, upper, affine = self.layers
        self.drop_layers = [TimeDropout(dropout_ratio), TimeDropout(dropout_ratio), TimeDropout()]
        below, between, above = self.drop_layers
        tied = TimeAffine(embed.params[0].T, affine.params[1])
        self.layers = [embed, below, lower, between, upper, above, tied]
        self.params, self.grads = [], []
        for layer in self.layers:
            self.params += layer.params
            self.grads += layer.grads


if __name__ == "__main__":
    np.random.seed(1)
    text = "you say goodbye and i say hello . the cat says hello and you say no . " * 6
    corpus, word_to_id, id_to_word = preprocess(text.strip())
    xs, ts = corpus[:-1], corpus[1:]

    model = OwnRnnlm(len(word_to_id), 5, 7)
    trainer = RnnlmTrainer(model, SGD(2.0))
    trainer.fit(xs, ts, 3, 2, 5, 0.25, eval_interval=4)
    trainer.plot(ylim=(0, 20))

    model.reset_state()
    ppl_test = eval_perplexity(model, corpus, 2, 5)
    print("test perplexity: ", ppl_test)
    model.save_params()
