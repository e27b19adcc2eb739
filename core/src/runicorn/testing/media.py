"""The contract of :class:`runicorn.contracts.MediaType`, as tests."""

from __future__ import annotations

import hashlib

import pytest

from ..contracts import MediaType
from ..serialize import dumps


class Kept:
    """A sink that keeps files in memory, by content."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def put(self, data: bytes, suffix: str) -> str:
        path = f"media/{hashlib.sha256(data).hexdigest()}{suffix}"
        self.files[path] = data
        return path

    def put_shared(self, data: bytes, suffix: str) -> str:
        return self.put(data, suffix)


class MediaTypeContract:
    """Subclass it and give it a media type, and a value of one of its types."""

    @pytest.fixture
    def media_type(self) -> MediaType:
        raise NotImplementedError("give the contract a fixture named 'media_type' that returns yours")

    @pytest.fixture
    def value(self) -> object:
        raise NotImplementedError("give the contract a fixture named 'value' with an object that it takes")

    def test_it_names_itself_its_types_and_its_panel(self, media_type: MediaType) -> None:
        assert media_type.name
        assert media_type.panel
        assert media_type.python_types
        for name in media_type.python_types:
            assert "." in name, f"{name} must be module.Class"

    def test_its_types_are_found_by_name(self, media_type: MediaType, value: object) -> None:
        names = {f"{base.__module__}.{base.__qualname__}" for base in type(value).__mro__}
        assert names & set(media_type.python_types)

    def test_what_is_encoded_is_one_file_that_the_record_names(self, media_type: MediaType, value: object) -> None:
        sink = Kept()
        fields = media_type.encode(media_type.snapshot(value), sink)
        assert fields["path"] in sink.files
        assert sink.files[str(fields["path"])]
        assert dumps(fields), "the fields of the record must be JSON"

    def test_the_same_value_gives_the_same_file(self, media_type: MediaType, value: object) -> None:
        first, second = (media_type.encode(media_type.snapshot(value), Kept()) for _ in range(2))
        assert first["path"] == second["path"]

    def test_a_value_that_cannot_be_encoded_raises_when_it_is_encoded_and_not_before(
        self, media_type: MediaType
    ) -> None:
        """``snapshot`` is called on the training thread."""
        snapshot = media_type.snapshot(object())
        with pytest.raises(Exception):  # noqa: B017, PT011 (whatever it says, it is counted with the plugin's name)
            media_type.encode(snapshot, Kept())
