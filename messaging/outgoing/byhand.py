"""What a person decides about a route: it stops, it takes no new text, it goes on."""

from messaging.models import Route, RouteHealth


def pause(route: Route) -> bool:
    """Nothing leaves by `route` any more, not even what is claimed already: dispatch asks before every chunk. Its
    texts wait for it; new ones take another route where there is one. True when it was not paused."""
    return _change(route, paused=True, draining=False)


def drain(route: Route) -> bool:
    """`route` takes no new text and sends what it has, so that it can be switched off. True when it did not."""
    return _change(route, paused=False, draining=True)


def resume(route: Route) -> bool:
    """`route` takes and sends texts again. One that rests after failures tries the next text at once. True when
    anything changed."""
    return _change(route, paused=False, draining=False, resting_until=None)


def _change(route: Route, **wanted: object) -> bool:
    RouteHealth.objects.get_or_create(route=route)
    return RouteHealth.objects.filter(route=route).exclude(**wanted).update(**wanted) > 0
