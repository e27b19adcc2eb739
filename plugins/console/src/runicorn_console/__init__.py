"""What a process prints, in its run's log: ``init(capture_console=True)`` and ``run.get_logging_handler()``."""

__version__ = "0.1.0"
