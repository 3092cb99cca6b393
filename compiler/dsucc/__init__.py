"""dsucc: a drop-in C compiler whose output can be updated while it runs."""

__version__ = "0.1.0"
