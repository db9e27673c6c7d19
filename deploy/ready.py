"""Exit status 0 once this container's site is ready: what compose asks."""

import http.client
import os
import sys
from urllib.parse import urlsplit

connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=5)
connection.request("GET", "/readyz", headers={"Host": urlsplit(os.environ["SITE_URL"]).hostname or "localhost"})
sys.exit(connection.getresponse().status != http.HTTPStatus.OK)
