"""HTTPS that nobody vouches for, redirects out of it, and downloads that are killed."""

import os
import shutil
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO

import pytest

from rnnlm_cli.corpus.reading import download, named
from rnnlm_cli.corpus.reading.named import NamedCorpus, fetch
from rnnlm_cli.errors import CorpusError
from tests.corpus.reading.test_download import FILE, RIGHT


class Server(BaseHTTPRequestHandler):
    """/ok/ has the file, /slow/ half of it, /out/ and /in/ lead to http and https."""

    def do_GET(self) -> None:
        way, port = self.path.split("/")[1], self.server.server_port  # type: ignore[attr-defined]
        places = {"out": "http://127.0.0.1:9/", "in": f"https://127.0.0.1:{port}/ok/toy.txt"}
        self.send_response(302 if way in places else 200)
        if way in places:
            self.send_header("Location", places[way])
        self.send_header("Content-Length", "0" if way in places else str(len(RIGHT)))
        self.end_headers()
        if way == "ok":
            self.wfile.write(RIGHT)
        if way == "slow":
            self.wfile.write(RIGHT[:300])
            self.wfile.flush()
            time.sleep(2)

    def log_message(self, format: str, *args: object) -> None:
        pass


def serve(httpd: HTTPServer) -> Iterator[int]:
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield httpd.server_port
    httpd.shutdown()
    httpd.server_close()
    thread.join()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate of 127.0.0.1 and its key, in one file."""
    if shutil.which("openssl") is None:
        pytest.skip("this system has no openssl to make a certificate with")
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=127.0.0.1 -addext"
    place = [str(path)] * 2
    made = subprocess.run(
        [*command.split(), "subjectAltName=IP:127.0.0.1", "-keyout", place[0], "-out", "-"],
        capture_output=True,
        check=True,
    )
    path.write_bytes(path.read_bytes() + made.stdout)
    return path


@pytest.fixture(scope="module")
def secure(certificate: Path) -> Iterator[str]:
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    httpd.socket = context.wrap_socket(httpd.socket, server_side=True)
    for port in serve(httpd):
        yield f"https://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def plain() -> Iterator[str]:
    for port in serve(ThreadingHTTPServer(("127.0.0.1", 0), Server)):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(autouse=True)
def folder(empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(named, "CORPORA", {"toy": NamedCorpus("a toy", {"train": FILE})})
    monkeypatch.setattr(download, "PAUSE", 0)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return empty_home / "corpora" / "toy"


def test_a_certificate_that_nobody_vouches_for_is_refused(secure: str, folder: Path) -> None:
    with pytest.raises(CorpusError, match=r"could not be downloaded \(toy\.txt: .*SSLError"):
        fetch("toy", mirrors=[f"{secure}/ok/"])
    assert not list(folder.iterdir())


@pytest.mark.parametrize("way", ["ok", "in"])
def test_a_certificate_that_is_vouched_for_is_not(
    way: str, secure: str, certificate: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    fetch("toy", mirrors=[f"{secure}/{way}/"])
    assert (folder / "toy.txt").read_bytes() == RIGHT


def test_a_redirect_out_of_https_is_not_followed(
    secure: str, certificate: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    with pytest.raises(CorpusError, match="a redirect out of HTTPS was refused"):
        fetch("toy", mirrors=[f"{secure}/out/"])
    assert not list(folder.iterdir())


PROGRAM = """
import sys
from rnnlm_cli.corpus.reading import named
from tests.corpus.reading.test_download import FILE
named.CORPORA = {"toy": named.NamedCorpus("a toy", {"train": FILE})}
named.fetch("toy", mirrors=[sys.argv[1] + "/slow/"])
"""


def is_locked(part: Path) -> bool:
    try:
        with part.open("rb") as stream:
            download._lock(stream)
    except BlockingIOError:
        return True
    return False


def test_a_part_that_was_taken_for_an_orphan_is_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part, lock = tmp_path / ".toy.txt.0123456789abcdef.rnnlm-tmp", download._lock
    removals = iter([part.unlink])

    def late(stream: BinaryIO) -> None:
        next(removals, lambda: None)()
        lock(stream)

    monkeypatch.setattr(download, "_lock", late)
    with download._opened(part) as stream:
        stream.write(b"kept")
    assert part.read_bytes() == b"kept"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_killed_download_leaves_nothing_that_the_next_does_not_remove(
    number: signal.Signals, plain: str, folder: Path
) -> None:
    places = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, plain],
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, places))},
    )
    deadline = time.monotonic() + 20
    while (
        not any(map(is_locked, folder.glob(".toy.txt.*.rnnlm-tmp"))) and time.monotonic() < deadline
    ):
        time.sleep(0.01)
    with pytest.raises(CorpusError):  # the next start, while the first is alive: its file stays
        fetch("toy", mirrors=["http://127.0.0.1:9/"])
    assert len(list(folder.iterdir())) == 1
    process.send_signal(number)
    process.wait(20)
    assert not (folder / "toy.txt").exists()
    assert len(list(folder.iterdir())) == (number != signal.SIGINT)
    (folder / ".toy.txt.mine.rnnlm-tmp").touch()
    fetch("toy", mirrors=[f"{plain}/ok/"])
    assert {path.name for path in folder.iterdir()} == {"toy.txt", ".toy.txt.mine.rnnlm-tmp"}
