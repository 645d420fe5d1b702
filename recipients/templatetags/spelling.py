"""How numbers are written on pages."""

from django import template

from recipients.phones import as_written

register = template.Library()
register.filter("phone", as_written)
