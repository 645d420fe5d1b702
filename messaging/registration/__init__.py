"""Texts as they are registered with the operators of a route: submitted, answered, and matched before sending."""
