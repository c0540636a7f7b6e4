from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.arrays import Floats
from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.checkpoint.exchange.torch_layout import from_torch
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.model.parameters import check_parameters
from rnnlm_cli.model.sizes import ModelSizes
from rnnlm_cli.trained import Trained
from tests.checkpoint.exchange.by_torchs_formulas import log_probabilities

V, D, H = 7, 4, 5
WORDS = "the a cat dog old <unk> <eos>".split()
TEXT = "the cat a dog\nold old dog\n"


def state_dict(layers: int = 2, D: int = D, dtype: str = "f4") -> dict[str, Floats]:
    """As the word language model of pytorch/examples has it: untied, two biases."""
    rng = np.random.default_rng(0)
    shapes: dict[str, tuple[int, ...]] = {"encoder.weight": (V, D)}
    for k in range(layers):
        shapes[f"rnn.weight_ih_l{k}"] = (4 * H, H if k else D)
        shapes[f"rnn.weight_hh_l{k}"] = (4 * H, H)
        shapes |= {f"rnn.bias_{each}_l{k}": (4 * H,) for each in ("ih", "hh")}
    shapes |= {"decoder.weight": (V, H), "decoder.bias": (V,)}
    return {name: rng.standard_normal(shape).astype(dtype) for name, shape in shapes.items()}


def of_words(tmp_path: Path, tensors: dict[str, Floats]) -> Trained:
    """What is loaded of a file with these tensors."""
    files = pytest.importorskip("safetensors.numpy")
    files.save_file(tensors, tmp_path / "m.safetensors")
    (tmp_path / "words.txt").write_text("".join(f"{word}\n" for word in WORDS))
    return Trained.load(tmp_path / "m.safetensors", vocab=tmp_path / "words.txt")


@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
@pytest.mark.parametrize("tied", ["", "once", "twice"])
def test_a_text_has_the_perplexity_of_torchs_formulas(
    layers: int, dtype: str, tied: str, tmp_path: Path
) -> None:
    tensors = state_dict(layers, H if tied else D, dtype)
    if tied:
        tensors["decoder.weight"] = tensors["encoder.weight"]
    if tied == "once":
        del tensors["decoder.weight"]
    lm = of_words(tmp_path, tensors)
    assert lm._lm.checkpoint.model.tied == bool(tied)
    tokens = ["<eos>", *TEXT.replace("\n", " <eos> ").split()]
    ids = np.array([[WORDS.index(token) for token in tokens]])
    doubles = {name: array.astype(np.float64) for name, array in tensors.items()}
    log_ps = log_probabilities(doubles, lm._lm.checkpoint.model, ids[:, :-1])
    nats = -np.take_along_axis(log_ps, ids[:, 1:, None], axis=-1).mean()
    assert lm.evaluate(text=TEXT).nats_per_token == pytest.approx(nats, abs=1e-6)


def test_what_is_imported_is_a_checkpoint_like_all_others(tmp_path: Path) -> None:
    lm = of_words(tmp_path, state_dict())
    lm.save(tmp_path / "m.pkl")
    again = Trained.load(tmp_path / "m.pkl")
    assert again.evaluate(text=TEXT).nats_per_token == lm.evaluate(text=TEXT).nats_per_token
    assert again.words.tokenizer.unit == "whitespace"


def without(*names: str) -> dict[str, Floats]:
    return {name: array for name, array in state_dict().items() if name not in names}


def also(**others: tuple[int, ...]) -> dict[str, Floats]:
    """State dict with arrays of these shapes too; `__` stands for a point."""
    zeros = {name.replace("__", "."): np.zeros(shape, "f4") for name, shape in others.items()}
    return state_dict() | zeros


GRU = {
    name: array[: len(array) * 3 // 4] if name.startswith("rnn") else array
    for name, array in state_dict().items()
}
PLAIN = {
    name: array[: len(array) // 4] if name.startswith("rnn") else array
    for name, array in state_dict().items()
}


@pytest.mark.parametrize(
    ("tensors", "said"),
    [
        ({}, "decoder.bias is missing: needed are encoder, rnn"),
        (without("rnn.bias_hh_l1"), "rnn.bias_hh_l1 is missing: "),
        (without("decoder.weight"), "word vectors of 4 numbers cannot stand for it over 5 units"),
        (also(rnn__weight_ih_l0_reverse=(20, 4)), "a bidirectional LSTM"),
        (also(rnn__weight_hr_l0=(3, 5)), "proj_size"),
        (also(branch__weight=(1, 5)), "a model that rnnlm exported"),
        (also(module__encoder__weight=(7, 4)), r"save the state_dict of its \.module"),
        (also(attention__weight=(5, 5)), r"'attention\.weight' has no place in an LSTM"),
        (also(rnn__weight_ih_l900=(5, 5)), "'rnn.weight_ih_l900' has no place"),
        (GRU, "layer 0 of rnn is a GRU"),
        (PLAIN, "layer 0 of rnn is a plain RNN"),
        (also(rnn__bias_ih_l1=(4,)), "layer 1 of rnn has the shapes"),
        (also(rnn__weight_hh_l1=(20,)), "layer 1 of rnn has the shapes"),
        (also(encoder__weight=(7,)), r"encoder.weight has shape \(7,\)"),
    ],
)
def test_what_does_not_fit_is_told_in_a_sentence(tensors: dict[str, Floats], said: str) -> None:
    with pytest.raises(CheckpointError, match=said):
        from_torch(tensors)


def test_sizes_that_do_not_go_together_are_found_before_a_model_is_made() -> None:
    vocab_size, model, params = from_torch(also(rnn__weight_ih_l1=(20, 4)))
    with pytest.raises(CheckpointError, match=r"lstm2\.Wx has shape \(4, 20\)"):
        check_parameters(params, ModelSizes(vocab_size, model))


def test_a_file_of_float64_that_float32_cannot_hold_is_refused(tmp_path: Path) -> None:
    files = pytest.importorskip("safetensors.numpy")
    tensors = state_dict(dtype="f8")
    tensors["rnn.bias_ih_l0"][0] = 1e300
    files.save_file(tensors, tmp_path / "m.safetensors")
    with pytest.raises(CheckpointError, match=r"lstm1\.b holds numbers that are not finite"):
        load_checkpoint(tmp_path / "m.safetensors")


def test_a_model_trained_in_torch_has_its_own_perplexity(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    nn, torch_files = torch.nn, pytest.importorskip("safetensors.torch")
    torch.manual_seed(0)
    made = nn.ModuleDict({"encoder": nn.Embedding(V, D), "rnn": nn.LSTM(D, H, 2, dropout=0.2)})
    made["decoder"] = nn.Linear(H, V)
    tokens = ["<eos>", *TEXT.replace("\n", " <eos> ").split()]
    ids = torch.tensor([[WORDS.index(token)] for token in tokens])  # (T, N), as there

    def loss() -> Any:
        hs, _ = made["rnn"](made["encoder"](ids[:-1]))
        return nn.functional.cross_entropy(made["decoder"](hs).view(-1, V), ids[1:].view(-1))

    optimizer = torch.optim.SGD(made.parameters(), lr=2.0)
    for _ in range(20):
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
    made.eval()
    torch_files.save_file(made.state_dict(), tmp_path / "torch.safetensors")
    (tmp_path / "words.txt").write_text("\n".join(WORDS))
    lm = Trained.load(tmp_path / "torch.safetensors", vocab=tmp_path / "words.txt")
    with torch.no_grad():
        own = loss().exp().item()
    assert lm.evaluate(text=TEXT).perplexity == pytest.approx(own, rel=1e-6)
    assert own < V - 1
