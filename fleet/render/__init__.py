"""Programs run offline: those that `pulumi up` runs, against a monitor that records and answers plausibly."""

from .environment import Rendered, render
from .program import ProgramError, RenderedStack, run_stack
from .record import Resource

__all__ = ["ProgramError", "Rendered", "RenderedStack", "Resource", "render", "run_stack"]
