"""The error that invalid input raises."""


class InputError(ValueError):
    """Invalid input. The message is a sentence for the user: what is wrong, and what would be right."""
