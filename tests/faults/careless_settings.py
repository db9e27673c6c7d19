"""The control's settings: SQLite as Django sets it when nothing is said."""

from tests.settings import *  # noqa: F403 - the tests' settings, less one

DATABASES = {"default": {**DATABASES["default"], "OPTIONS": {"timeout": 5}}}  # noqa: F405
