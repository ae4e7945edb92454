"""The door for WSGI servers: `gunicorn wsgi:app`."""

from practice.app import create_app

app = create_app()
