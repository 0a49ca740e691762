"""Downloads, resumed and refused, from a server on this machine; nothing touches the network."""

import hashlib
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pytest

from digital_clusters.errors import FileError
from digital_clusters.sources import download, listed_file, upstream
from digital_clusters.sources.download import ATTEMPTS
from digital_clusters.sources.listed_file import UpstreamFile, sha256
from digital_clusters.sources.upstream import ABSENT, FAULTS, UNPINNED, check, fetch, locate

CONTENT = bytes(range(256)) * 1200
CUT = 100_000
"""Bytes after which the server hangs up; well above the chunk that a client may lose."""


class Server(ThreadingHTTPServer):
    """Serves ``content`` with ranges; the first ``cuts`` answers break off."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.cuts, self.ranges, self.knows_ranges, self.paths = CONTENT, 0, [], True, []
        self.status, self.pause, self.endless, self.sent = None, 0.0, False, 0


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        wanted = self.headers.get("Range")
        self.server.ranges.append(wanted)
        self.server.paths.append(unquote(self.path))
        if self.server.status:
            self.send_error(self.server.status)
            return
        if self.server.endless or self.server.pause:
            self.drip()
            return
        start = (
            int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and self.server.knows_ranges else 0
        )
        body = self.server.content[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.server.cuts:
            self.server.cuts -= 1
            body = body[:CUT]
        self.wfile.write(body)

    def drip(self):
        """Without a length: as fast as can be, or a byte in each pause."""
        self.send_response(200)
        self.end_headers()
        piece = b"x" * 100_000 if self.server.endless else b"x"
        try:
            for _ in range(1000):
                self.wfile.write(piece)
                self.server.sent += len(piece)
                time.sleep(self.server.pause)
        except OSError:
            self.close_connection = True

    def log_message(self, *args):
        """Keep the test's output quiet."""


def entry(content: bytes = CONTENT) -> UpstreamFile:
    return UpstreamFile(
        key="panel",
        repository="owner/repo",
        commit="c0ffee",
        path="数据/panel 1.csv",
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        licence="",
        measures="",
        coverage="",
        citation="",
    )


@pytest.fixture
def server(monkeypatch):
    monkeypatch.delenv("DIGITAL_CLUSTERS_MIRROR", raising=False)
    monkeypatch.setattr(upstream, "upstream_files", lambda: {"panel": entry()})
    with Server() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setattr(listed_file, "HOST", f"http://127.0.0.1:{server.server_port}")
        yield server
        server.shutdown()


def test_url_is_pinned_and_percent_encoded():
    assert entry().url == (
        "https://raw.githubusercontent.com/owner/repo/c0ffee/%E6%95%B0%E6%8D%AE/panel%201.csv"
    )
    assert entry().local_name == "owner__repo/数据/panel 1.csv"


def test_download_and_no_second_download(server, tmp_path):
    path = fetch(cache=tmp_path, progress=False)["panel"]
    assert path == tmp_path / "owner__repo/数据/panel 1.csv"
    assert path.read_bytes() == CONTENT
    assert server.paths == ["/owner/repo/c0ffee/数据/panel 1.csv"]
    fetch(cache=tmp_path, progress=False)
    assert len(server.paths) == 1


def test_short_interruption_is_bridged_in_one_call(server, tmp_path):
    server.cuts = 1
    assert fetch(cache=tmp_path, progress=False)["panel"].read_bytes() == CONTENT
    first, second = server.ranges
    assert first is None and 0 < int(second.removeprefix("bytes=").removesuffix("-")) <= CUT


def test_long_interruption_is_an_error_and_the_next_call_goes_on(server, tmp_path, monkeypatch):
    server.cuts = ATTEMPTS
    monster = CONTENT * 3
    server.content = monster
    upstream_entry = entry(monster)
    monkeypatch.setattr(upstream, "upstream_files", lambda: {"panel": upstream_entry})
    with pytest.raises(FileError, match=r"broke off after [\d,]+ of 921,600 bytes.*again"):
        fetch(cache=tmp_path, progress=False)
    part = next(tmp_path.rglob("*.part"))
    have = part.stat().st_size
    assert 0 < have <= ATTEMPTS * CUT
    assert not (tmp_path / upstream_entry.local_name).exists()
    assert fetch(cache=tmp_path, progress=False)["panel"].read_bytes() == monster
    assert server.ranges[-1] == f"bytes={have}-"
    assert not part.exists()


def test_server_without_ranges_starts_over(server, tmp_path):
    server.knows_ranges, server.cuts = False, 1
    assert fetch(cache=tmp_path, progress=False)["panel"].read_bytes() == CONTENT


def test_wrong_checksum_is_discarded(server, tmp_path):
    server.content = CONTENT[:-1] + b"!"
    with pytest.raises(
        FileError, match="does not have the checksum.*panel%201.csv|panel%201.csv does not have"
    ):
        fetch(cache=tmp_path, progress=False)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_missing_at_source(server, tmp_path, monkeypatch):
    monkeypatch.setattr(listed_file, "HOST", "http://127.0.0.1:1")
    with pytest.raises(FileError, match="broke off after 0 of 307,200 bytes"):
        fetch(cache=tmp_path, progress=False)


def test_changed_file_in_the_cache_is_fetched_again(server, tmp_path):
    path = fetch(cache=tmp_path, progress=False)["panel"]
    path.write_bytes(b"changed")
    assert check(cache=tmp_path)["state"].tolist() == ["wrong checksum"]
    assert fetch(cache=tmp_path, progress=False)["panel"].read_bytes() == CONTENT
    assert check(cache=tmp_path)["state"].tolist() == ["ok"]


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_file_that_is_gone_is_called_gone(server, tmp_path, status):
    server.status = status
    with pytest.raises(FileError, match=rf"is not there \(HTTP {status}\)"):
        fetch(cache=tmp_path, progress=False)
    assert len(server.paths) == 1


def test_a_host_with_a_fault_is_tried_again(server, tmp_path):
    server.status = 503
    with pytest.raises(FileError, match=r"broke off after 0 of 307,200 bytes \(HTTP 503\)"):
        fetch(cache=tmp_path, progress=False)
    assert len(server.paths) == ATTEMPTS


def test_nothing_beyond_the_listed_size_is_read(server, tmp_path):
    server.endless = True
    with pytest.raises(FileError, match="sends more than the 307,200 bytes"):
        fetch(cache=tmp_path, progress=False)
    # what fits into the buffers of both ends may have left the server
    assert server.sent < 50_000_000
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_slow_host_is_given_up_at_the_deadline(server, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "GRACE_SECONDS", 1)
    monkeypatch.setattr(download, "SLOWEST", 1e9)
    server.pause = 0.05
    with pytest.raises(FileError, match="too slow: .* of 307,200 bytes in 1 seconds"):
        fetch(cache=tmp_path, progress=False)
    # a byte in each pause of the second, where the whole answer would take fifty
    assert server.sent < 500


def test_fetches_at_once_all_have_the_file_and_one_asks_for_it(server, tmp_path):
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: fetch(cache=tmp_path, progress=False)["panel"], range(6)))
    assert {path.read_bytes() for path in found} == {CONTENT}
    assert len(server.paths) == 1
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["panel 1.csv"]


def test_a_lock_left_behind_is_no_obstacle(server, tmp_path):
    lock = tmp_path / "owner__repo/数据/panel 1.csv.lock"
    lock.parent.mkdir(parents=True)
    lock.touch()
    os.utime(lock, (0, 0))
    assert fetch(cache=tmp_path, progress=False)["panel"].read_bytes() == CONTENT


def test_a_checksum_in_capitals_means_the_same(server, tmp_path, monkeypatch):
    capital = replace(entry(), sha256=entry().sha256.upper())
    monkeypatch.setattr(upstream, "upstream_files", lambda: {"panel": UpstreamFile(**vars(capital))})
    path = fetch(cache=tmp_path, progress=False)["panel"]
    assert path.read_bytes() == CONTENT
    assert check(cache=tmp_path)["state"].tolist() == ["ok"]
    server.content = CONTENT[:-1] + b"!"
    path.unlink()
    with pytest.raises(FileError, match="does not have the checksum"):
        fetch(cache=tmp_path, progress=False)


def test_mirror_is_read_in_place(server, tmp_path):
    path = tmp_path / entry().local_name
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT)
    assert fetch(mirror=tmp_path) == {"panel": path} == locate(mirror=tmp_path)
    assert server.paths == []
    path.write_bytes(CONTENT[:10])
    with pytest.raises(FileError, match="truncated: 10 bytes, expected 307,200"):
        fetch(mirror=tmp_path)
    path.unlink()
    with pytest.raises(FileError, match=r"panel 1\.csv is missing"):
        fetch(mirror=tmp_path)


def test_nothing_is_downloaded_to_read(server, tmp_path):
    with pytest.raises(FileError, match="missing.*data fetch"):
        locate(cache=tmp_path)
    assert server.paths == []


def test_unknown_key_and_missing_mirror(tmp_path):
    with pytest.raises(FileError, match="no public file 'panels'; the files are: digital_finance"):
        locate(["panels"], mirror=tmp_path)
    with pytest.raises(FileError, match="nowhere does not exist"):
        fetch(mirror=tmp_path / "nowhere")


def test_list_is_complete():
    for key, file in upstream.upstream_files().items():
        assert file.key == key and len(file.commit) == 40
        assert len(file.sha256 or file.values_sha256) == 64 and (file.sha256 is None or file.bytes > 0)
        assert file.optional or file.hosted
        assert file.citation and file.licence and file.coverage and file.measures
        assert set(file.studies) <= {
            "virtual_clusters",
            "virtual_agglomeration",
            "collaborative_agglomeration",
            "industrial_upgrading",
        }


def test_mirror_holds_every_file(mirror):
    states = check(mirror=mirror).set_index("key")["state"]
    assert set(states.drop("yearbook")) == {"ok"} and states["yearbook"] in (ABSENT, UNPINNED)
    assert all(
        sha256(path) == upstream.upstream_files()[key].sha256
        for key, path in locate(mirror=mirror).items()
        if key != "yearbook"
    )


def unpinned(**values) -> UpstreamFile:
    return replace(entry(), bytes=None, sha256=None, values_sha256="0" * 64, optional=True, **values)


def test_an_optional_file_may_be_absent_and_is_no_fault(server, tmp_path, monkeypatch):
    monkeypatch.setattr(upstream, "upstream_files", lambda: {"panel": unpinned()})
    assert locate(["panel"], cache=tmp_path) == {} == fetch(mirror=tmp_path)
    assert check(cache=tmp_path)["state"].tolist() == [ABSENT] and ABSENT not in FAULTS


def test_a_file_without_a_checksum_is_fetched_from_its_start(server, tmp_path, monkeypatch):
    monkeypatch.setattr(upstream, "upstream_files", lambda: {"panel": unpinned()})
    server.cuts = ATTEMPTS
    with pytest.raises(FileError, match=r"broke off after [\d,]+ bytes"):
        fetch(cache=tmp_path, progress=False)
    assert fetch(cache=tmp_path, progress=False)["panel"].read_bytes() == CONTENT
    assert server.ranges[-1] is None
    assert check(cache=tmp_path)["state"].tolist() == [UNPINNED]
    assert list(locate(cache=tmp_path)) == ["panel"]


def test_an_extract_that_no_host_has_is_not_asked_for(server, tmp_path, monkeypatch):
    monkeypatch.setattr(upstream, "upstream_files", lambda: {"panel": unpinned(hosted=False)})
    assert fetch(cache=tmp_path, progress=False) == {} and server.paths == []
