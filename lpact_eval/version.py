"""The version of this package: of the code, and so of the numbers that it makes."""

from typing import Final

VERSION: Final = "0.1.0"
