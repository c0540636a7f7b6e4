"""A seq2seq of a reader's own that writes what it read backwards, and one with attention."""

from rnnlm_cli.book import *


def weights(rows, columns, dtype):
    return (np.random.randn(rows, columns) / np.sqrt(rows)).astype(dtype)


class Encoder:
    def __init__(self, V, D, H, dtype):
        self.embed = TimeEmbedding((np.random.randn(V, D) / 100).astype(dtype))
        zeros = np.zeros(4 * H).astype(dtype)
        self.lstm = TimeLSTM(
            weights(D, 4 * H, dtype), weights(H, 4 * H, dtype), zeros, stateful=False
        )
        self.params = self.embed.params + self.lstm.params
        self.grads = self.embed.grads + self.lstm.grads

    def forward(self, xs):
        self.hs = self.lstm.forward(self.embed.forward(xs))
        return self.hs

    def backward(self, dhs):
        return self.embed.backward(self.lstm.backward(dhs))


class Attention:
    """c[n, u] = sum over t of hs[n, t] * a[n, u, t], a = softmax(hs @ h) for every decoder step."""

    def __init__(self):
        self.params, self.grads = [], []

    def forward(self, hs_enc, hs_dec):
        N, U, H = hs_dec.shape
        self.hs_enc, self.hs_dec, self.softmaxes, self.weights = hs_enc, hs_dec, [], []
        out = np.empty_like(hs_dec)
        for u in range(U):
            softmax_layer = Softmax()
            s = np.sum(hs_enc * hs_dec[:, u].reshape(N, 1, H), axis=2)
            a = softmax_layer.forward(s)
            out[:, u] = np.sum(hs_enc * a[:, :, np.newaxis], axis=1)
            self.softmaxes.append(softmax_layer)
            self.weights.append(a)
        return out

    def backward(self, dout):
        dhs_enc, dhs_dec = np.zeros_like(self.hs_enc), np.empty_like(self.hs_dec)
        for u, (softmax_layer, a) in enumerate(zip(self.softmaxes, self.weights)):
            dc = dout[:, u][:, np.newaxis]
            ds = softmax_layer.backward(np.sum(dc * self.hs_enc, axis=2))[:, :, np.newaxis]
            dhs_enc += dc * a[:, :, np.newaxis] + ds * self.hs_dec[:, u][:, np.newaxis]
            dhs_dec[:, u] = np.sum(ds * self.hs_enc, axis=1)
        return dhs_enc, dhs_dec


class Decoder:
    def __init__(self, V, D, H, dtype, attention):
        self.embed = TimeEmbedding((np.random.randn(V, D) / 100).astype(dtype))
        zeros = np.zeros(4 * H).astype(dtype)
        self.lstm = TimeLSTM(
            weights(D, 4 * H, dtype), weights(H, 4 * H, dtype), zeros, stateful=True
        )
        self.attention = Attention() if attention else None
        wide = 2 * H if attention else H
        self.affine = TimeAffine(weights(wide, V, dtype), np.zeros(V).astype(dtype))
        self.params, self.grads = [], []
        for layer in (self.embed, self.lstm, self.affine):
            self.params += layer.params
            self.grads += layer.grads

    def _scores(self, xs, hs_enc):
        hs = self.lstm.forward(self.embed.forward(xs))
        if self.attention is not None:
            hs = np.concatenate((self.attention.forward(hs_enc, hs), hs), axis=2)
        return self.affine.forward(hs)

    def forward(self, xs, hs_enc):
        self.lstm.set_state(hs_enc[:, -1])
        return self._scores(xs, hs_enc)

    def backward(self, dscores, hs_enc):
        dhs, dhs_enc = self.affine.backward(dscores), np.zeros_like(hs_enc)
        if self.attention is not None:
            H = hs_enc.shape[2]
            dhs_enc, dhs_dec = self.attention.backward(dhs[:, :, :H])
            dhs = dhs[:, :, H:] + dhs_dec
        self.embed.backward(self.lstm.backward(dhs))
        dhs_enc[:, -1] += self.lstm.dh
        return dhs_enc

    def generate(self, hs_enc, start_id, sample_size):
        sampled, sample_id = [], start_id
        self.lstm.set_state(hs_enc[:, -1])
        for _ in range(sample_size):
            scores = self._scores(np.array([sample_id]).reshape((1, 1)), hs_enc)
            sample_id = np.argmax(scores.flatten())
            sampled.append(int(sample_id))
        return sampled


class Seq2seq(BaseModel):
    def __init__(self, vocab_size, wordvec_size, hidden_size, attention=False, dtype="f"):
        V, D, H = vocab_size, wordvec_size, hidden_size
        self.encoder = Encoder(V, D, H, dtype)
        self.decoder = Decoder(V, D, H, dtype, attention)
        self.softmax = TimeSoftmaxWithLoss()
        self.params = self.encoder.params + self.decoder.params
        self.grads = self.encoder.grads + self.decoder.grads

    def forward(self, xs, ts):
        hs = self.encoder.forward(xs)
        return self.softmax.forward(self.decoder.forward(ts[:, :-1], hs), ts[:, 1:])

    def backward(self, dout=1):
        dout = self.softmax.backward(dout)
        return self.encoder.backward(self.decoder.backward(dout, self.encoder.hs))

    def generate(self, xs, start_id, sample_size):
        return self.decoder.generate(self.encoder.forward(xs), start_id, sample_size)


if __name__ == "__main__":
    np.random.seed(1)
    x = np.random.randint(1, 6, (300, 3))
    t = np.hstack((np.zeros((300, 1), int), x[:, ::-1]))  # 0 is the start

    model = Seq2seq(6, 16, 24, attention=True)
    trainer = Trainer(model, Adam(0.02))
    trainer.fit(x[:280], t[:280], max_epoch=12, batch_size=40, max_grad=5.0, eval_interval=7)
    right = 0
    for i in range(280, 300):
        right += model.generate(x[[i]], 0, 3) == list(t[i, 1:])
    print("val acc %.1f%%" % (right / 20 * 100))
