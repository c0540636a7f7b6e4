import json
from pathlib import Path
from typing import Any

import pytest

from rnnlm_cli.checkpoint import formats
from rnnlm_cli.checkpoint.contents import Checkpoint
from rnnlm_cli.checkpoint.exchange.exporting import FORMS
from rnnlm_cli.pickling import arrays_of
from tests.checkpoint.exchange.test_torch_layout import WORDS, state_dict
from tests.cli.test_commands import ok, run


def test_a_model_is_exported_in_every_form(trained: Path, tmp_path: Path) -> None:
    for ending in ("pkl", "vec", "txt"):
        result = run("export", trained, tmp_path / f"m.{ending}")
        assert (result.exit_code, result.stdout) == (0, "")
        assert result.stderr.startswith("note   ")
        assert "bytes" in result.stderr
    assert len((tmp_path / "m.txt").read_text().splitlines()) == 13
    assert run("export", trained, tmp_path / "m.txt").exit_code == 1


def test_the_loader_is_all_that_is_on_stdout(trained: Path, tmp_path: Path) -> None:
    pytest.importorskip("safetensors")
    compile(ok("export", trained, tmp_path / "m.safetensors"), "m.py", "exec")
    again = ("export", trained, tmp_path / "m.safetensors", "--overwrite", "--json")
    document = json.loads(ok(*again))
    assert document["bytes"] == (tmp_path / "m.safetensors").stat().st_size
    assert "class Model" in document["loader"]


def test_a_list_of_the_book_is_exported_with_words_that_are_given(
    trained: Path, tmp_path: Path
) -> None:
    ok("export", trained, book := tmp_path / "book.pkl")
    ok("export", trained, words := tmp_path / "words.txt")
    result = run("export", book, tmp_path / "m.vec")
    assert result.exit_code == 1
    assert "holds no words: name a file of them (vocab), or the corpus" in result.stderr
    ok("export", book, tmp_path / "m.vec", "--vocab", words)
    ok("export", trained, tmp_path / "n.vec")
    assert (tmp_path / "m.vec").read_bytes() == (tmp_path / "n.vec").read_bytes()


def test_a_model_of_torch_is_imported_with_its_words(tmp_path: Path) -> None:
    files = pytest.importorskip("safetensors.numpy")
    files.save_file(state_dict(), theirs := tmp_path / "torch.safetensors")
    (words := tmp_path / "words.txt").write_text("\n".join(WORDS))
    result = run("import", theirs, out := tmp_path / "m.pkl", "--vocab", words)
    assert result.exit_code == 0, result.output
    assert "V 7, D 4, H 5" in result.stdout
    assert "of which only the number, 7, could be checked" in " ".join(result.stderr.split())
    score = json.loads(ok("eval", out, "--text", "the old cat", "--json"))
    assert score["tokens"] == 4
    assert "words that were given" in ok("inspect", out)
    assert run("import", theirs, out, "--vocab", words).exit_code == 1
    document = json.loads(ok("import", theirs, out, "--vocab", words, "--overwrite", "--json"))
    assert document["model"]["layers"] == 2


def test_an_export_is_not_written_over_what_it_is_made_of(trained: Path, tmp_path: Path) -> None:
    (model := tmp_path / "m.pkl").write_bytes(trained.read_bytes())
    (words := tmp_path / "words.txt").write_text("the")
    for out, more in ((model, []), (words, ["--vocab", words])):
        result = run("export", model, out, "--overwrite", *more)
        assert result.exit_code == 2
        assert f"'{out}' is read too, and would be gone" in " ".join(result.stderr.split())
    assert model.read_bytes() == trained.read_bytes()


def test_what_holds_no_words_is_not_called_a_file_of_the_book(tmp_path: Path) -> None:
    files = pytest.importorskip("safetensors.numpy")
    files.save_file(state_dict(), theirs := tmp_path / "torch.safetensors")
    assert "book" not in ok("inspect", theirs)
    assert "book" not in run("generate", theirs, "--start", "the").stderr


def test_an_import_needs_words_and_a_name_for_a_model(tmp_path: Path) -> None:
    files = pytest.importorskip("safetensors.numpy")
    files.save_file(state_dict(), theirs := tmp_path / "torch.safetensors")
    result = run("import", theirs, tmp_path / "m.pkl")
    assert result.exit_code == 1
    assert "holds no words: give a file of them" in " ".join(result.stderr.split())
    assert run("import", theirs, tmp_path / "m.model").exit_code == 2
    assert not (tmp_path / "m.pkl").exists()


@pytest.mark.parametrize("verb", ["import", "export"])
def test_of_a_file_that_is_not_there_no_option_is_advised_that_the_verb_lacks(
    verb: str, tmp_path: Path
) -> None:
    result = run(verb, tmp_path / "no.safetensors", tmp_path / "m.pkl")
    assert result.exit_code == 1
    assert "no such file" in result.stderr
    assert "--text" not in result.stderr


def test_what_torch_saved_is_told_what_to_make_of_it(tmp_path: Path) -> None:
    (theirs := tmp_path / "model.pt").write_bytes(b"PK\x03\x04" + bytes(60))
    result = run("import", theirs, tmp_path / "m.pkl")
    assert result.exit_code == 1
    assert "save the state_dict with safetensors" in " ".join(result.stderr.split())


def test_a_model_of_our_own_needs_no_import(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = list[str]()

    def read_once(path: Path) -> Any:
        read.append(path.name)
        return arrays_of(path)

    monkeypatch.setattr(formats, "arrays_of", read_once)
    result = run("import", trained, out := tmp_path / "copy.pkl")
    assert (result.exit_code, out.exists()) == (1, False)
    assert "needs no import: copy it" in " ".join(result.stderr.split())
    ok("export", trained, book := tmp_path / "book.pkl")
    ok("export", trained, words := tmp_path / "words.txt")
    ok("import", book, out, "--vocab", words)
    assert read == ["m.pkl", "m.pkl", "m.pkl", "book.pkl"]  # once by each command
    assert run("import", out, tmp_path / "other.pkl").exit_code == 1


def test_words_are_exported_of_a_model_that_has_no_room(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Checkpoint, "build_model", lambda self, threads: pytest.fail("not needed"))
    ok("export", trained, tmp_path / "m.txt")
    assert "pieces (bpe)" in run("export", trained, tmp_path / "m.json").stderr


def test_the_help_names_every_form() -> None:
    shown = ok("export", "--help")
    assert [suffix for suffix in FORMS if f"NAME{suffix}" not in shown] == []
