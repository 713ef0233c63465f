"""Runs moto's server on a free port of 127.0.0.1 for as long as standard input stays open.

The port is bound before it is announced on standard output, so nothing can take it in between, and
the server dies with the process that started it, however that process ends.

Lines on standard input: `fork` makes a copy of the server, with everything that is in it, on a port of its own, and
answers `PORT PID`; `end PID` ends that copy.
"""

import os
import select
import signal
import socket
import sys
import threading

os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")

announcements = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1, encoding="ascii")


def listen():
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    listener.listen(1024)
    os.environ["MOTO_PORT"] = str(listener.getsockname()[1])
    return listener


listener = listen()


def obey_parent():
    for line in sys.stdin:
        command, *of = line.split()
        if command == "end":
            os.kill(int(of[0]), signal.SIGKILL)
            os.waitpid(int(of[0]), 0)
        elif not os.fork():
            serve_copy()
            os._exit(1)
    os._exit(0)


def serve_copy():
    """In the copy there is this thread only, and nobody is being served."""
    listener.close()
    own = listen()
    threading.Thread(target=end_with_parent, daemon=True).start()
    serve(own, f"{os.environ['MOTO_PORT']} {os.getpid()}")


def end_with_parent():
    # Its lines are not for the copy to read.
    waiting = select.poll()
    waiting.register(sys.stdin, 0)
    while not any(event & select.POLLHUP for _, event in waiting.poll()):
        pass
    os._exit(0)


threading.Thread(target=obey_parent, daemon=True).start()

import logging  # noqa: E402

from moto.moto_server.werkzeug_app import (  # noqa: E402
    DomainDispatcherApplication,
    create_backend_app,
)
from moto.server import MotoRequestHandler  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402

logging.getLogger("werkzeug").setLevel(logging.ERROR)
# Moto prints things; nobody reads them.
sys.stdout = open(os.devnull, "w", encoding="utf-8")


def serve(listener, announcement):
    server = make_server(
        "127.0.0.1",
        listener.getsockname()[1],
        DomainDispatcherApplication(create_backend_app),
        threaded=True,
        request_handler=MotoRequestHandler,
        fd=listener.fileno(),
    )
    print(announcement, file=announcements)
    server.serve_forever()


serve(listener, os.environ["MOTO_PORT"])
