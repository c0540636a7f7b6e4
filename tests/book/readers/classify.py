"""A classifier of texts by the last state of an LSTM."""

from rnnlm_cli.book import *


class Classifier(BaseModel):
    def __init__(self, vocab_size, wordvec_size, hidden_size, classes, dtype="f"):
        V, D, H, C = vocab_size, wordvec_size, hidden_size, classes
        rn = np.random.randn
        self.embed = TimeEmbedding((rn(V, D) / 100).astype(dtype))
        Wx, Wh = rn(D, 4 * H) / np.sqrt(D), rn(H, 4 * H) / np.sqrt(H)
        self.lstm = TimeLSTM(Wx.astype(dtype), Wh.astype(dtype), np.zeros(4 * H).astype(dtype))
        self.affine = Affine((rn(H, C) / np.sqrt(H)).astype(dtype), np.zeros(C).astype(dtype))
        self.loss_layer = SoftmaxWithLoss()
        layers = [self.embed, self.lstm, self.affine]
        self.params = sum([layer.params for layer in layers], [])
        self.grads = sum([layer.grads for layer in layers], [])

    def predict(self, xs):
        self.hs = self.lstm.forward(self.embed.forward(xs))
        return self.affine.forward(self.hs[:, -1])

    def forward(self, xs, t):
        return self.loss_layer.forward(self.predict(xs), t)

    def backward(self, dout=1):
        dhs = np.zeros_like(self.hs)
        dhs[:, -1] = self.affine.backward(self.loss_layer.backward(dout))
        return self.embed.backward(self.lstm.backward(dhs))


if __name__ == "__main__":
    np.random.seed(1)
    x = np.random.randint(0, 6, (400, 5))
    t = (x[:, 0] == x[:, 1]).astype(int)  # whether a text begins with the same word twice

    model = Classifier(6, 8, 16, 2)
    trainer = Trainer(model, Adam(0.01))
    trainer.fit(x, t, max_epoch=12, batch_size=20, max_grad=5.0, eval_interval=10)
    right = model.predict(x).argmax(axis=1) == t
    print("accuracy %.3f" % right.mean())
