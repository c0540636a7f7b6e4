"""The lines of Python with which torch loads a model that was exported: what it has and no more."""

from __future__ import annotations

from rnnlm_cli.checkpoint.exchange.torch_layout import is_one_lstm
from rnnlm_cli.model.sizes import ModelSizes, output_size
from rnnlm_cli.settings.model import ModelConfig, lstm_sizes, residual_lstms


def loader(file: str, sizes: ModelSizes) -> str:
    """A module that loads the safetensors in `file`, as torch computes the model."""
    V, model = sizes.vocab_size, sizes.config
    lines = [
        "import json",
        "",
        "import torch",
        "from safetensors import safe_open",
        "from safetensors.torch import load_model",
        "from torch import nn",
        "",
        "",
        "class Model(nn.Module):",
        "    def __init__(self):",
        "        super().__init__()",
        *_indented(_parts(V, model)),
        "",
        "    def forward(self, ids, state=None):",
        '        """ids (N, T), state -> log p of each next word (N, T, V), and the state."""',
        *_indented(_states(model)),
        *_indented(_log_probabilities(V, model)),
        "",
        "",
        f"def load(path={file!a}):",
        '    """The model, and its words by id."""',
        "    model = Model().eval()",
        "    load_model(model, path)",
        '    with safe_open(path, "pt") as file:',
        '        return model, json.loads(file.metadata()["vocabulary"])',
    ]
    return "\n".join(lines) + "\n"


def _indented(lines: list[str]) -> list[str]:
    return ["        " + line for line in lines]


def _parts(V: int, model: ModelConfig) -> list[str]:
    """What the module is made of."""
    sizes, size = lstm_sizes(model), output_size(model)
    lines = [f"self.encoder = nn.Embedding({V}, {model.wordvec_size})"]
    if is_one_lstm(model):
        D, H = sizes[0]
        lines.append(f"self.rnn = nn.LSTM({D}, {H}, num_layers={len(sizes)}, batch_first=True)")
    else:
        lines += [
            f"sizes = {sizes}",
            "lstms = [nn.LSTM(size, units, batch_first=True) for size, units in sizes]",
            "self.rnn = nn.ModuleList(lstms)",
        ]
    if model.projection:
        lines.append(f"self.projection = nn.Linear({model.hidden_size}, {size})")
    lines.append(f"self.decoder = nn.Linear({size}, {V})")
    if model.tied:
        lines.append("self.decoder.weight = self.encoder.weight")
    if model.edges:
        lines.append(f"self.branch = nn.Linear({size}, {len(model.edges)})")
    return lines


def _states(model: ModelConfig) -> list[str]:
    """From ids to what the output layer reads."""
    if is_one_lstm(model):
        lines = ["hs, state = self.rnn(self.encoder(ids), state)"]
    else:
        adds = residual_lstms(model)
        new = f"ys + hs if k in {adds} else ys" if adds else "ys"
        lines = [
            "hs, ends = self.encoder(ids), []",
            "for k, lstm in enumerate(self.rnn):",
            "    ys, end = lstm(hs, state and state[k])",
            f"    hs = {new}",
            "    ends.append(end)",
            "state = ends",
        ]
    return [*lines, "hs = self.projection(hs)"] if model.projection else lines


def _log_probabilities(V: int, model: ModelConfig) -> list[str]:
    """One softmax, or that of frequent words and branches, and one of the words behind each."""
    if not model.edges:
        return ["return self.decoder(hs).log_softmax(-1), state"]
    K, C = model.edges[0], len(model.edges)
    return [
        f"ys, edges = self.decoder(hs), {[*model.edges, V]}",
        f"head = torch.cat([ys[..., :{K}], self.branch(hs)], -1).log_softmax(-1)",
        f"parts = [head[..., :{K}]]",
        f"for i in range({C}):",
        "    own = ys[..., edges[i] : edges[i + 1]].log_softmax(-1)",
        f"    parts.append(head[..., {K} + i, None] + own)",
        "return torch.cat(parts, -1), state",
    ]
