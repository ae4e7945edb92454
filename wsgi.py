"""The door for WSGI servers: `gunicorn wsgi:app`."""

import sys

from practice.app import create_app
from practice.domain.refusal import Busy, NotAllowed
from practice.usecases.starting import settle_keys

# The code by which a worker of gunicorn says that its app cannot be loaded, so that it is not
# started anew for ever.
_CANNOT_BE_LOADED = 4

app = create_app()
with app.app_context():
    try:
        settle_keys(tools=app.extensions["practice"])
    except NotAllowed as refusal:
        sys.stderr.write(f"{refusal.sentence}\n")
        raise SystemExit(_CANNOT_BE_LOADED) from None
    except Busy:
        pass  # pages can wait for a database, and nothing opens with wrong keys anyway
