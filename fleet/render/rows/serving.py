"""Identities of models."""

from .row import Row

ROWS: dict[str, Row] = {}
