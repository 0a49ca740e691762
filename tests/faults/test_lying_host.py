"""A host that says anything at all: the listed file arrives, or nothing is kept and one sentence says why."""

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digital_clusters.errors import FileError
from digital_clusters.sources import listed_file, upstream
from digital_clusters.sources.listed_file import UpstreamFile
from digital_clusters.sources.upstream import fetch

KIND = "A host lies about a public file"
REDIRECT = 302
CONTENT = bytes(range(256)) * 8

BODIES = st.one_of(
    st.just(CONTENT),
    st.integers(0, len(CONTENT)).map(lambda size: CONTENT[:size]),
    st.integers(0, len(CONTENT)).map(lambda start: CONTENT[start:]),
    st.binary(max_size=300).map(lambda more: CONTENT + more),
    st.binary(max_size=300),
    st.integers(0, len(CONTENT) - 1).map(lambda place: CONTENT[:place] + b"?" + CONTENT[place + 1 :]),
)
ANSWERS = st.lists(
    st.fixed_dictionaries(
        {
            "status": st.sampled_from([200, 200, 200, 206, 204, 302, 403, 404, 416, 429, 500, 503]),
            "body": BODIES,
            "length": st.none() | st.integers(-1, 3 * len(CONTENT)) | st.just("many"),
            "encoding": st.sampled_from([None, None, "gzip", "chunked"]),
        }
    ),
    min_size=1,
    max_size=4,
)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        answers = self.server.answers
        told = answers.pop(0) if len(answers) > 1 else answers[0]
        if len(answers) == 1 and told["status"] == REDIRECT:
            # a circle of redirections ends too, after a hundred requests
            told = told | {"status": 200}
        self.send_response(told["status"])
        if told["length"] is not None:
            self.send_header("Content-Length", str(told["length"]))
        if told["encoding"] == "gzip":
            self.send_header("Content-Encoding", "gzip")
        if told["encoding"] == "chunked":
            self.send_header("Transfer-Encoding", "chunked")
        if told["status"] == REDIRECT:
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(told["body"])
        self.close_connection = True

    def log_message(self, *_):
        """Requests are not news."""


@pytest.fixture(scope="module")
def host():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def listed():
    words = dict.fromkeys(("licence", "measures", "coverage", "citation"), "")
    pinned = {"bytes": len(CONTENT), "sha256": hashlib.sha256(CONTENT).hexdigest()}
    return UpstreamFile(key="a", repository="o/r", commit="c", path="a.csv", **pinned, **words)


@settings(
    derandomize=True,
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(answers=ANSWERS, left=st.none() | st.binary(max_size=2 * len(CONTENT)))
def test_the_listed_file_or_none(host, tmp_path_factory, monkeypatch, record_property, answers, left):
    """``left`` lies in the cache as the part of an earlier download."""
    monkeypatch.delenv("DIGITAL_CLUSTERS_MIRROR", raising=False)
    monkeypatch.setattr(upstream, "upstream_files", lambda: {"a": listed()})
    monkeypatch.setattr(listed_file, "HOST", f"http://127.0.0.1:{host.server_port}")
    host.answers = list(answers)
    folder = tmp_path_factory.mktemp("cache")
    target = folder / listed().local_name
    if left is not None:
        target.parent.mkdir(parents=True)
        target.with_name(f"{target.name}.part").write_bytes(left)
    record_property("tried", 1)
    try:
        found = fetch(cache=folder, progress=False)
    except FileError as error:
        assert len(str(error)) < 1000
        assert not target.exists()
    else:
        assert found["a"].read_bytes() == CONTENT
    assert not target.with_name(f"{target.name}.lock").exists()
