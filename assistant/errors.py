"""Errors that a user can cause or mend."""


class UserError(Exception):
    """Something the user can mend; the message is one sentence that says what is wrong and what to do."""
