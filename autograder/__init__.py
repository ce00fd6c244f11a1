"""Courses that grade themselves."""

__version__ = "0.2.0"
