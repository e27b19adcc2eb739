"""The plugin's section of the configuration."""

from __future__ import annotations

from attrs import frozen


@frozen
class ExportersSection:
    """``[exporters]``."""

    import_folders: tuple[
        str, ...
    ] = ()  # folders of this machine below which the viewer may import; none: uploads only
