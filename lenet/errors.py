"""The base of all errors that bad input raises."""


class InputError(ValueError):
    """Input that can't be used; the message is one sentence for people: what is wrong, and what would be right."""
