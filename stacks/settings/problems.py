"""A problem with the settings, as one line that says where, what, which rule, why and the way out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_SECRET_KEY = re.compile(r"(token|secret|password|credentials?|api_?key|private_?key)$", re.IGNORECASE)
_SECRET_VALUE = re.compile(
    r"\b(AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\bhf_[A-Za-z0-9]{20,}"
    r"|\b(sk|nvapi|gh[pousr]|github_pat|glpat|xox[abprs])[-_][A-Za-z0-9_-]{16,}"
    r"|\beyJ[A-Za-z0-9_-]{8,}\."
    r"|-----BEGIN|://[^/\s:@]+:[^/\s@]+@"
    r"|(?<![A-Za-z0-9/+])(?=\S{0,39}[A-Z])(?=\S{0,39}[a-z])(?=\S{0,39}[0-9])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])"
)
"""Keys of AWS (the id, and the secret by its forty mixed letters), of model hubs, forges and chats; JWT, PEM, passwords
in an address."""
_LONGEST_VALUE = 80


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong. `line` is 0 where a whole file is meant."""

    file: str
    line: int
    path: str
    value: str
    rule: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        subject = self.path if not self.value else f"{self.path} = {self.value}" if self.path else self.value
        first, *rest = [_ended(part) for part in (self.rule, self.reason, self.remedy) if part]
        sentences = " ".join([first, *(part[0].upper() + part[1:] for part in rest)])
        return _plain(f"{where}: {subject}: {sentences}" if subject else f"{where}: {sentences}")


class SettingsError(Exception):
    """Every problem of an environment at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def shown(path: str, value: object) -> str:
    """A value as an error may print it: short, on one line, and never a secret."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        text = "[" + ", ".join(str(item) for item in value) + "]"
    elif isinstance(value, str):
        text = f'"{value}"'
    elif value is None:
        text = "nothing"
    elif isinstance(value, float) and value.is_integer():
        text = str(int(value))
    else:
        text = str(value).lower() if isinstance(value, bool) else str(value)
    if _SECRET_KEY.search(path.rsplit(".", 1)[-1]) or _SECRET_VALUE.search(text):
        return "(hidden: it looks like a secret)"
    text = _plain(text)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith(("?", ".")) else f"{sentence}."


def _plain(text: str) -> str:
    """The text on one line, with a question mark for what a terminal would obey or could not show."""
    return "".join(letter if letter.isprintable() else "?" for letter in " ".join(text.split()))
