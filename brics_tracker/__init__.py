"""The roof of the project. Celery is loaded with Django so that tasks find their application."""

from .celery import app as celery_app

__all__ = ["celery_app"]
