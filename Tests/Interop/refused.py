"""How a client is told no."""


class Refused(Exception):
    """The service said no: its status and its own code."""

    def __init__(self, status, code):
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
