"""What all tests share."""

from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # a first call may load a table; no test asserts a time
settings.load_profile("untimed")
