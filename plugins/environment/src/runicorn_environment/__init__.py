"""What a run ran on. Used by itself at each run's start, and as ``rn.EnvironmentCapture``."""

__version__ = "0.1.0"
