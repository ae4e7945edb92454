"""The blueprint of the front door."""

from flask import Blueprint

public = Blueprint("public", __name__)
