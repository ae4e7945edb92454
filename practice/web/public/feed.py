"""The feed of a diary, to which a coach's own calendar subscribes: asked often, changed seldom."""

from flask import Response, request

from practice.queries.feed import feed_file, feed_of
from practice.web.door import tools
from practice.web.public.blueprint import public


@public.get("/feed/<token>.ics")
def feed(token: str) -> Response:
    """Give the feed, or say that it has not changed, which costs next to nothing."""
    found = feed_of(token, tools=tools())
    response = Response(mimetype="text/calendar")
    response.set_etag(found.etag)
    # No proxy keeps it, and each reader asks again, with the ETag.
    response.cache_control.private = True
    response.cache_control.max_age = 0
    if request.if_none_match.contains_weak(found.etag):  # as proxies that compress make it
        response.status_code = 304
        del response.headers["Content-Type"]
        return response
    response.set_data(feed_file(found, tools=tools()))
    return response
