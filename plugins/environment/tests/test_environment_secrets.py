"""Nothing that looks like a secret is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from runicorn.security import redact, redact_arguments, without_credentials
from runicorn_environment.variables import selected

TOKEN = "ghp_" + "a1B2" * 9


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://user:pa55@example.org/team/code.git", "https://example.org/team/code.git"),
        (f"https://{TOKEN}@example.org/code.git", "https://example.org/code.git"),
        ("https://u:p@w@example.org:8443/code", "https://example.org:8443/code"),
        ("https://example.org/code?private_token=x#y", "https://example.org/code"),
        ("ssh://git:pw@example.org/code", "ssh://example.org/code"),
        ("git@example.org:team/code.git", "git@example.org:team/code.git"),
        ("../sibling", "../sibling"),
        ("https://[broken", "***"),
    ],
)
def test_a_remote_address_loses_its_credentials(url: str, kept: str) -> None:
    assert without_credentials(url) == kept


@given(
    st.sampled_from(["https", "ssh", "ftp"]),
    st.from_regex(r"[A-Za-z0-9:@%+=-]{1,40}", fullmatch=True).map(lambda text: "SECRET" + text),
)
def test_whatever_stands_before_the_host_is_removed(scheme: str, user: str) -> None:
    assert without_credentials(f"{scheme}://{user}@example.org/x") == f"{scheme}://example.org/x"


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["train.py", "--lr", "0.1"], ["train.py", "--lr", "0.1"]),
        (["--api-key", "abc", "--lr=1"], ["--api-key", "***", "--lr=1"]),
        (["--api-key=abc"], ["--api-key=***"]),
        (["--hub_token=abc", "x"], ["--hub_token=***", "x"]),
        (["--password", "--verbose", "file"], ["--password", "--verbose", "file"]),
        (["hub.token=abc"], ["hub.token=***"]),
        (["--monkey", "banana"], ["--monkey", "banana"]),
        (["--tokenizer", "bert"], ["--tokenizer", "bert"]),
        (["--max-tokens=512"], ["--max-tokens=512"]),
        ([TOKEN], ["***"]),
        (["postgresql://me:pw@db/x"], ["postgresql://db/x"]),
        (["-c", "x" * 5000], ["-c", "x" * 1000]),
    ],
)
def test_a_command_line_is_kept_without_its_secrets(arguments: list[str], shown: list[str]) -> None:
    assert redact_arguments(arguments) == shown


@pytest.mark.parametrize(
    "secret",
    [
        TOKEN,
        "hf_" + "aB3" * 11,
        "sk-proj-" + "a1" * 20,
        "AKIA" + "A1B2" * 4,
        "0123456789abcdef0123456789abcdef01234567",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.sig",
    ],
)
def test_tokens_are_known_by_their_shape(secret: str) -> None:
    assert secret not in redact(f"--note=see {secret} there")


def test_variables_of_the_job_are_kept_and_nothing_else() -> None:
    environ = {
        "RANK": "3",
        "SLURM_JOB_ID": "77",
        "SLURM_JWT": "eyJ0",
        "CUDA_VISIBLE_DEVICES": "0,1",
        "HOME": "/home/me",
        "MY_DATA": "v2",
        "MY_API_KEY": "k",
        "WANDB_API_KEY": "k",
    }
    kept = {"RANK": "3", "SLURM_JOB_ID": "77", "SLURM_JWT": "***", "CUDA_VISIBLE_DEVICES": "0,1"}
    assert selected(environ) == kept
    assert selected(environ, ["MY_*"]) == {**kept, "MY_DATA": "v2", "MY_API_KEY": "***"}
