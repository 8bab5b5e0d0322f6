"""Entity and alias resolution for news articles."""

__version__ = "0.1.0"
