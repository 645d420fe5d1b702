"""Routes, keywords and prefixes for administrators; texts and opt-outs to look at. Secrets go in, never out."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from messaging.models import (
    InboundMessage,
    Keyword,
    OperatorPrefix,
    OptOut,
    OutboundMessage,
    Receipt,
    Route,
    RouteHealth,
)
from messaging.outgoing import routing
from messaging.providers import PROVIDERS

SECRETS = sorted({name for provider in PROVIDERS.values() for name in provider.secret_settings})


class RouteForm(forms.ModelForm):
    """A route. Its settings are shown without the secrets; an empty secret field keeps what is stored."""

    provider = forms.ChoiceField(label=_("provider"), choices=[(name, name) for name in sorted(PROVIDERS)])
    open_settings = forms.JSONField(
        label=_("settings"), required=False, initial=dict, help_text=_("A JSON object, without the secrets.")
    )

    class Meta:
        model = Route
        exclude = ["settings"]

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        stored = self.instance.settings or {}
        self.initial["open_settings"] = {name: value for name, value in stored.items() if name not in SECRETS}
        helps = [f"{name}: {help}" for p in PROVIDERS.values() for name, help in p.settings_help.items()]
        self.fields["open_settings"].widget.attrs["title"] = "\n".join(helps)
        for name in SECRETS:
            self.fields[secret_field(name)].help_text = (
                _("Stored. Leave empty to keep it.") if stored.get(name) else _("Not set.")
            )

    def clean_open_settings(self) -> dict[str, Any]:
        given = self.cleaned_data["open_settings"] or {}
        if not isinstance(given, dict):
            raise forms.ValidationError(_('The settings are not an object. Write them like {"name": "value"}.'))
        if set(given) & set(SECRETS):
            raise forms.ValidationError(_("A secret stands among the settings. Enter it in its own field."))
        return given

    def clean_prefixes(self) -> list[str]:
        return _without_problems(self.cleaned_data["prefixes"], routing.prefix_problems)

    def clean_message_classes(self) -> list[str]:
        return _without_problems(self.cleaned_data["message_classes"], routing.class_problems)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        kind = PROVIDERS.get(cleaned.get("provider", ""))
        if kind is None or "open_settings" not in cleaned:
            return cleaned
        stored = self.instance.settings or {}
        secrets = {name: cleaned.get(secret_field(name)) or stored.get(name) for name in sorted(kind.secret_settings)}
        everything = cleaned["open_settings"] | {name: value for name, value in secrets.items() if value}
        problems = kind.problems(everything)
        if problems:
            raise forms.ValidationError(problems)
        self.instance.settings = everything
        return cleaned


def _without_problems(given: Any, check: Callable[[object], list[str]]) -> list[str]:
    """`given`, an empty field as an empty list. Raises `ValidationError` with what `check` finds."""
    value: list[str] = [] if given is None else given
    problems = check(value)
    if problems:
        raise forms.ValidationError(problems)
    return value


def secret_field(name: str) -> str:
    """Name of the form field of a secret setting."""
    return f"secret_{name}"


for _name in SECRETS:
    _field = forms.CharField(
        label=_name, required=False, widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "off"})
    )
    RouteForm.base_fields[secret_field(_name)] = _field
    RouteForm.declared_fields[secret_field(_name)] = _field


class HealthInline(admin.StackedInline):
    model = RouteHealth
    can_delete = False
    readonly_fields = ["failures", "resting_until", "last_error", "last_success_at"]


@admin.register(Route)
class RouteAdmin(admin.ModelAdmin):
    form = RouteForm
    list_display = ["name", "provider", "sender", "rate", "price", "currency", "priority", "enabled"]
    inlines = [HealthInline]


class LookOnly(admin.ModelAdmin):
    """Rows that verbs write and nobody edits."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(OutboundMessage)
class OutboundAdmin(LookOnly):
    list_display = ["key", "to", "status", "error_code", "route", "segments", "attempts", "queued_at", "sent_at"]
    list_filter = ["status", "route", "message_class"]
    search_fields = ["=key", "=to", "=provider_id"]
    date_hierarchy = "queued_at"
    show_full_result_count = False


@admin.register(Receipt)
class ReceiptAdmin(LookOnly):
    list_display = ["route", "provider_id", "status", "received_at", "applied_at"]
    list_filter = ["route", "status"]
    search_fields = ["=provider_id"]
    show_full_result_count = False


@admin.register(InboundMessage)
class InboundAdmin(LookOnly):
    list_display = ["number", "body", "action", "received_at", "handled_at"]
    list_filter = ["action", "route"]
    search_fields = ["=number"]
    show_full_result_count = False


@admin.register(OptOut)
class OptOutAdmin(LookOnly):
    list_display = ["number", "source", "started_at", "ended_at"]
    search_fields = ["=number"]
    show_full_result_count = False


@admin.register(Keyword)
class KeywordAdmin(admin.ModelAdmin):
    list_display = ["word", "action", "language"]
    list_filter = ["action", "language"]


@admin.register(OperatorPrefix)
class PrefixAdmin(admin.ModelAdmin):
    list_display = ["prefix", "operator", "valid_from", "valid_to"]
    list_filter = ["operator"]
