"""Runs moto's server on a free port of 127.0.0.1 for as long as standard input stays open.

The port is bound before it is announced on standard output, so nothing can take it in between, and
the server dies with the process that started it, however that process ends.
"""

import os
import socket
import sys
import threading

os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")

listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
listener.bind(("127.0.0.1", 0))
listener.listen(1024)
port = listener.getsockname()[1]
os.environ["MOTO_PORT"] = str(port)


def end_with_parent():
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


threading.Thread(target=end_with_parent, daemon=True).start()

import logging  # noqa: E402

from moto.moto_server.werkzeug_app import (  # noqa: E402
    DomainDispatcherApplication,
    create_backend_app,
)
from moto.server import MotoRequestHandler  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402

logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = make_server(
    "127.0.0.1",
    port,
    DomainDispatcherApplication(create_backend_app),
    threaded=True,
    request_handler=MotoRequestHandler,
    fd=listener.fileno(),
)
print(port, flush=True)
# Moto prints things; nobody reads them.
sys.stdout = open(os.devnull, "w", encoding="utf-8")
server.serve_forever()
