"""Nothing that looks like a secret is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from runicorn.security import (
    may_hold_secrets,
    may_show_secrets,
    redact,
    redact_address,
    redact_arguments,
    redact_code,
    redact_output,
    without_credentials,
)
from runicorn_environment.variables import selected

TOKEN = "ghp_" + "a1B2" * 9
GOOGLE = "googleapis"
PEM = "-----BEGIN PRIVATE KEY-----\nabcdefgh"


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


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://u:p@h/x?token=abc&page=2", "https://h/x?token=***&page=2"),
        ("s3://b/k?X-Amz-Date=1&X-Amz-Signature=0f", "s3://b/k?X-Amz-Date=1&X-Amz-Signature=***"),
        ("https://h/x?X-Goog-Signature=0f#top", "https://h/x?X-Goog-Signature=***#top"),
        ("https://a.blob/x?sv=2&sig=a%2Fb%3D", "https://a.blob/x?sv=2&sig=***"),
        ("https://h/x#access_token=abc", "https://h/x#access_token=***"),
        ("https://h/x?signal=1&design=2", "https://h/x?signal=1&design=2"),
        ("from https://u:p@h/a and https://u:p@h/b?key=c", "from https://h/a and https://h/b?key=***"),
        ("https://h/" + "a" * 2000, "https://h/" + "a" * 2000),
    ],
)
def test_an_address_keeps_all_but_its_secrets(address: str, shown: str) -> None:
    assert redact_address(address) == shown


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
        (["-H", "Authorization: Bearer abcdef123"], ["-H", "Authorization: ***"]),
        (["-H", "x: Bearer abcdef123"], ["-H", "x: Bearer ***"]),
        (["X-Api-Key: abc"], ["X-Api-Key: ***"]),
        (["C:/data"], ["C:/data"]),
        (["http://host/x?token=abc&n=1"], ["http://host/x?token=***&n=1"]),
        (["--url=http://host/x?n=1&api_key=abc"], ["--url=http://host/x?n=1&api_key=***"]),
        (['{"api_key": "abc", "lr": "1"}'], ['{"api_key": "***", "lr": "1"}']),
        (["postgresql://me:pw@db/x"], ["postgresql://db/x"]),
        (["-c", "x" * 5000], ["-c", "x" * 1000]),
    ],
)
def test_a_command_line_is_kept_without_its_secrets(arguments: list[str], shown: list[str]) -> None:
    assert redact_arguments(arguments) == shown


@given(
    st.lists(
        st.one_of(
            st.text(max_size=60),
            st.from_regex(r"(--)?[a-z_-]{0,6}(key|token|auth|pw|pass|lr|Bearer)[ =:]{0,2}[a-zA-Z0-9@/:?&=-]{0,20}"),
            st.sampled_from([TOKEN, "a" * 40, "0123456789" * 4, "--lr=1"]),
        ),
        max_size=4,
    )
)
def test_the_quick_look_passes_nothing_by_that_would_be_hidden(arguments: list[str]) -> None:
    assert may_hold_secrets(arguments) or redact_arguments(arguments) == arguments


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ('+PASSWORD = "hunter2"', '+PASSWORD = "***"'),
        ("+db = {'db_password': 'hunter2', 'port': '1'}", "+db = {'db_password': '***', 'port': '1'}"),
        ('+api_key: "abcd1234efgh5678"', '+api_key: "***"'),
        ('+connect(secret=f"abcd1234efgh5678")', '+connect(secret=f"***")'),
        ('+password = os.environ["DB_PASSWORD"]', '+password = os.environ["DB_PASSWORD"]'),
        ('+pad_token = "<pad>"', '+pad_token = "<pad>"'),
        ('+key = "loss"', '+key = "loss"'),
        ('+url = "https://me:pw@host/x"', '+url = "https://host/x"'),
        (
            "+-----BEGIN RSA PRIVATE KEY-----\n+MIIEowIBAAKCAQEA7\n+ab+/==\n+-----END RSA PRIVATE KEY-----\n+lr = 1",
            "+-----BEGIN RSA PRIVATE KEY-----\n+***\n+***\n+-----END RSA PRIVATE KEY-----\n+lr = 1",
        ),
    ],
)
def test_a_patch_is_kept_without_the_literals_of_secrets(code: str, shown: str) -> None:
    assert redact_code(code) == shown


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


@pytest.mark.parametrize(
    "address",
    [
        "https://hooks.slack.com/services/T00000000/B00000000/SECRETSECRETSECRETSECRET",
        "https://discord.com/api/webhooks/123456789012345678/SECRET-SECRET_SECRET",
        "https://acme.webhook.office.com/webhookb2/1-2@3/IncomingWebhook/SECRET/4",
        f"https://chat.{GOOGLE}.com/v1/spaces/AAA/messages?key=SECRET&token=SECRET",
        "https://open.feishu.cn/open-apis/bot/v2/hook/SECRET-SECRET-SECRET",
        "https://oapi.dingtalk.com/robot/send?access_token=SECRETSECRET",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=SECRET-SECRET",
        "http://chat.example.org:8065/hooks/SECRETSECRETSECRETSECRET",
    ],
)
def test_addresses_that_anybody_may_post_to_are_secrets(address: str) -> None:
    for hide in (redact, redact_output, redact_code, redact_address):
        shown = hide(f"post {address} now")
        assert "SECRET" not in shown
        assert shown.startswith(f"post {address[:16]}")
        assert shown.endswith("*** now")
    assert redact_arguments(["--webhook", "anything", f"--to={address}"])[1:] != ["anything", f"--to={address}"]
    assert may_show_secrets(address)
    assert redact("https://github.com/pre-commit/pre-commit-hooks/blob/main/long_name_of_a_file.md").endswith("file.md")


@given(st.lists(st.sampled_from([TOKEN, "https://u:p@h", "Bearer abcdef1", "AKIA" + "A1B2" * 4, PEM, "x", " ", "\n"])))
def test_a_quick_look_at_what_is_printed_misses_nothing(parts: list[str]) -> None:
    text = "".join(parts)
    assert may_show_secrets(text) or redact_output(text) == text


def test_variables_of_the_job_are_kept_and_nothing_else() -> None:
    environ = {
        "RANK": "3",
        "SLURM_JOB_ID": "77",
        "SLURM_JWT": "eyJ0",
        "CUDA_VISIBLE_DEVICES": "0,1",
        "HOME": "/home/me",
        "MY_DATA": "v2",
        "MY_URL": "https://me:pw@host/x?n=1&api_key=abc",
        "MY_API_KEY": "k",
        "MY_WEBHOOK": "https://example.org/x",
        "MY_STORE": "AccountName=x;AccountKey=abc==;Suffix=y",
        "WANDB_API_KEY": "k",
    }
    kept = {"RANK": "3", "SLURM_JOB_ID": "77", "SLURM_JWT": "***", "CUDA_VISIBLE_DEVICES": "0,1"}
    assert selected(environ) == kept
    mine = {"MY_DATA": "v2", "MY_URL": "https://host/x?n=1&api_key=***", "MY_API_KEY": "***"}
    mine |= {"MY_WEBHOOK": "***", "MY_STORE": "AccountName=x;AccountKey=***;Suffix=y"}
    assert selected(environ, ["MY_*"]) == {**kept, **mine}
