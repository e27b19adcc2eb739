"""Configuration: arguments > ``RUNICORN_*`` > project > user > defaults, each value with its origin."""

from pathlib import Path

from .dirs import cache_dir, config_dir, data_dir, state_dir
from .edit import set_user_value, unset_user_value
from .layers import Config, load_config
from .schema import PluginsSection, RunSection, StorageSection


def get_user_root_dir() -> Path:
    """The storage root that the configuration names; it need not exist."""
    return load_config().storage.root


__all__ = [
    "Config",
    "PluginsSection",
    "RunSection",
    "StorageSection",
    "cache_dir",
    "config_dir",
    "data_dir",
    "get_user_root_dir",
    "load_config",
    "set_user_value",
    "state_dir",
    "unset_user_value",
]
