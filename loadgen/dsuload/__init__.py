"""The load generator: Locust users that speak to a subject, in a process of its own.

A process of its own, since importing Locust patches the interpreter's sockets
and threads for gevent.  It is driven over one inherited socket, see `channel`.
"""
