"""The WSGI door for gunicorn."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brics_tracker.settings")
application = get_wsgi_application()
# Everything that lasts is loaded here, once, before gunicorn forks (--preload), and then left alone by the collector
# of garbage: it would look through all of it again and again while a page or a file makes rows (a third of a CSV's time).
_ = get_resolver().url_patterns
gc.collect()
gc.freeze()
