"""Entity and alias resolution for news articles: see `Resolver`."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from resolver.api import Explanation, Resolver
    from resolver.settings import Settings

__all__ = ["Explanation", "Resolver", "Settings", "__version__"]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:  # noqa: ANN401 - the type depends on the name
    """Load the public classes when they are first asked for, so that `import resolver` stays quick."""
    if name in ("Explanation", "Resolver"):
        from resolver import api

        return getattr(api, name)
    if name == "Settings":
        from resolver.settings import Settings

        return Settings
    raise AttributeError(f"module 'resolver' has no attribute {name!r}")
