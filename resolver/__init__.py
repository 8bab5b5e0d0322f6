"""Entity and alias resolution for news articles: see `Resolver`."""

from typing import TYPE_CHECKING, Any

from resolver.version import __version__

if TYPE_CHECKING:
    from resolver.api import Explanation, Resolver
    from resolver.settings import Settings

__all__ = ["Explanation", "Resolver", "Settings", "__version__"]


def __getattr__(name: str) -> Any:
    """Load the public classes when they are first asked for, so that `import resolver` stays quick."""
    if name in ("Explanation", "Resolver"):
        from resolver import api

        return getattr(api, name)
    if name == "Settings":
        from resolver.settings import Settings

        return Settings
    raise AttributeError(f"module 'resolver' has no attribute {name!r}")
