"""Downloads from a server that does everything wrong: nothing is left under the final name."""

import gzip
import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path

import pytest

from rnnlm_cli.corpus.reading import download, named
from rnnlm_cli.corpus.reading.named import NamedCorpus, PinnedFile, fetch
from rnnlm_cli.errors import CorpusError
from rnnlm_cli.watching import Progress, bars_of_here

RIGHT = b"the right text\n" * 40
FILE = PinnedFile("toy.txt", len(RIGHT), hashlib.sha256(RIGHT).hexdigest())


BOMB = gzip.compress(bytes(1 << 22))
BUSY: list[int] = []  # an item for each answer of 503 that is still to come


class Server(BaseHTTPRequestHandler):
    """The first folder of the path says how it answers."""

    def do_GET(self) -> None:
        way = self.path.split("/")[1]
        body = {
            "wrong": RIGHT.swapcase(),
            "html": b"<html>sign in first</html>",
            "short": RIGHT[:-7],
            "long": RIGHT * 1_000,
        }.get(way, RIGHT)
        if way == "stall":
            time.sleep(0.5)
        if way == "drop":
            return
        status = {"missing": 404, "broken": 500, "busy": 503 if BUSY else 200}.get(way, 200)
        if way == "busy" and BUSY:
            BUSY.pop()
        self.send_response(status)
        if way == "zipped":
            body = BOMB
            self.send_header("Content-Encoding", "gzip")
        lengths = {"nonsense": "x", "less": "7", "more": str(len(body) + 7)}
        if way != "endless":
            self.send_header("Content-Length", lengths.get(way, str(len(body))))
        self.end_headers()
        with suppress(OSError):  # the client may have left
            for _ in count() if way == "endless" else (1,):
                self.wfile.write(body[:50] if way == "cut" else body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    httpd.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def folder(empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A corpus `toy` of one file is registered; the folder that it is to come to."""
    monkeypatch.setattr(named, "CORPORA", {"toy": NamedCorpus("a toy", {"train": FILE})})
    monkeypatch.setattr(download, "PAUSE", 0)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return empty_home / "corpora" / "toy"


def test_a_right_file_arrives(server: str, folder: Path) -> None:
    paths = fetch("toy", mirrors=[f"{server}/ok/"])
    assert paths == {"train": Path("corpora/toy/toy.txt")}
    assert [path.name for path in folder.iterdir()] == ["toy.txt"]
    assert (folder / "toy.txt").read_bytes() == RIGHT


@pytest.mark.parametrize(
    ("way", "reason"),
    [
        ("missing", "HTTP status 404"),
        ("wrong", "another file came, with SHA-256"),
        ("html", "26 bytes came instead of 600"),
        ("short", "593 bytes came instead of 600"),
        ("cut", "ChunkedEncodingError"),
        ("more", "ChunkedEncodingError"),
        ("less", "7 bytes came instead of 600"),
        ("nonsense", "invalid literal for int"),
        ("drop", "ConnectionError"),
        ("broken", "HTTP status 500"),
        ("endless", "more than 600 bytes came"),
        ("zipped", "more than 600 bytes came"),
        ("long", "more than 600 bytes came"),
        ("stall", "ReadTimeout"),
    ],
)
def test_a_bad_answer_leaves_nothing(server: str, folder: Path, way: str, reason: str) -> None:
    with pytest.raises(CorpusError, match=rf"toy could not be downloaded \(toy\.txt: .*{reason}"):
        fetch("toy", mirrors=[f"{server}/{way}/"], timeout=0.1)
    assert list(folder.iterdir()) == []


def test_the_next_mirror_is_tried(server: str, folder: Path) -> None:
    fetch("toy", mirrors=[f"{server}/{way}/" for way in ("missing", "wrong", "ok")])
    assert (folder / "toy.txt").read_bytes() == RIGHT


def test_what_a_mirror_sent_in_vain_is_taken_back_from_the_bar(server: str, folder: Path) -> None:
    told = list[float]()

    @contextmanager
    def bars(*_: object, **options: object) -> Iterator[Progress]:
        yield told.append

    fetch("toy", bars, mirrors=[f"{server}/{way}/" for way in ("short", "wrong", "long", "ok")])
    assert sum(told) == len(RIGHT)


@pytest.mark.parametrize(("times", "arrives"), [(1, True), (2, False)])
def test_a_server_that_is_busy_is_asked_once_more(
    times: int, arrives: bool, server: str, folder: Path
) -> None:
    BUSY[:] = [1] * times
    with nullcontext() if arrives else pytest.raises(CorpusError, match="HTTP status 503"):
        fetch("toy", mirrors=[f"{server}/busy/"])
    assert (folder / "toy.txt").exists() == arrives


def test_without_a_network_the_message_says_what_to_put_where() -> None:
    with pytest.raises(CorpusError, match=r": put toy\.txt \(600 bytes\) into the folder corpora/"):
        fetch("toy", mirrors=["http://127.0.0.1:9/"])


def test_a_file_that_is_there_is_not_fetched_again(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "toy.txt").write_bytes(RIGHT)
    assert fetch("toy", mirrors=["http://127.0.0.1:9/"])


def test_a_wrong_file_that_is_there_is_refused_and_kept(server: str, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "toy.txt").write_bytes(b"my own notes")
    with pytest.raises(CorpusError, match=r"toy\.txt' is not the toy\.txt of corpus toy"):
        fetch("toy", mirrors=[f"{server}/ok/"])
    assert (folder / "toy.txt").read_bytes() == b"my own notes"


def test_a_folder_that_cannot_be_made_is_said(empty_home: Path) -> None:
    (empty_home / "corpora").write_text("in the way")
    with pytest.raises(CorpusError, match=r"toy\.txt: .*corpora"):
        fetch("toy", mirrors=["http://127.0.0.1:9/"])


def test_progress_goes_to_stderr(server: str, capsys: pytest.CaptureFixture[str]) -> None:
    fetch("toy", bars_of_here, mirrors=[f"{server}/ok/"])
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "toy.txt" in captured.err
