"""How gunicorn serves NetCRM, in the embedded run and in production alike.

Read by gunicorn; WEB_CONCURRENCY and WEB_THREADS size it.  There is no access log: paths of mail
links carry tokens (reliability.md E10), and a proxy that wants one can redact them.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # not yet done when this is read

from netcrm.kit.logs import configuration

worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
preload_app = True  # one import for all workers
timeout = 60  # seconds
graceful_timeout = 25  # seconds; inside the supervisor's and the container's 30
keepalive = 5  # seconds
max_requests = 10_000  # a worker that leaks is replaced before it matters
max_requests_jitter = 1_000
control_socket_disable = True
accesslog = None

# The lines gunicorn writes look like all others.
logconfig_dict = configuration(level=os.environ.get("LOG_LEVEL", "INFO"))
logconfig_dict["loggers"] |= {
    "gunicorn.error": {"handlers": [], "level": "INFO", "propagate": True},
    "gunicorn.access": {"handlers": [], "propagate": False},  # a log configuration turns it on
}
