"""Configuration: arguments > ``RUNICORN_*`` > project > user > defaults, each value with its origin."""

from pathlib import Path

from .about import about
from .address import Address, scheme_of
from .dirs import cache_dir, config_dir, data_dir, state_dir
from .edit import set_user_value, unset_user_value
from .layers import Config, load_config
from .schema import PluginsSection, RunSection, StorageSection


def get_user_root_dir() -> Path:
    """The storage root that the configuration names; it need not exist. Where that is an address, the default one."""
    return load_config().storage.folder


__all__ = [
    "Address",
    "Config",
    "PluginsSection",
    "RunSection",
    "StorageSection",
    "about",
    "cache_dir",
    "config_dir",
    "data_dir",
    "get_user_root_dir",
    "load_config",
    "scheme_of",
    "set_user_value",
    "state_dir",
    "unset_user_value",
]
