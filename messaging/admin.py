"""Routes, keywords and prefixes for administrators; texts and opt-outs to look at. Secrets go in, never out."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from messaging import callers, posting
from messaging.incoming import trust
from messaging.models import (
    ApiToken,
    Attempt,
    Callback,
    InboundMessage,
    Keyword,
    OperatorOutage,
    OperatorPrefix,
    OptOut,
    OutboundMessage,
    Phone,
    Receipt,
    Route,
    RouteHealth,
    RouteTemplate,
)
from messaging.outgoing import routing, tails
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

    def clean_report_trust(self) -> dict[str, str]:
        return _without_problems(self.cleaned_data["report_trust"] or {}, trust.trust_problems)

    def clean_operators(self) -> list[str]:
        return _without_problems(self.cleaned_data["operators"], routing.operator_problems)

    def clean_encodings(self) -> list[str]:
        return _without_problems(self.cleaned_data["encodings"], routing.encoding_problems)

    def clean_sender(self) -> str:
        return _without_problems(str(self.cleaned_data["sender"]).strip(), routing.sender_problems)

    def clean_tail(self) -> str:
        """Names a number on which this route or another receives, or a telephone number."""
        senders = [*Route.objects.values_list("sender", flat=True), str(self.cleaned_data.get("sender") or "")]
        return _without_problems(self.cleaned_data["tail"], lambda words: tails.problems(words, senders))

    def clean_tails(self) -> dict[str, str]:
        senders = [*Route.objects.values_list("sender", flat=True), str(self.cleaned_data.get("sender") or "")]
        return _without_problems(
            self.cleaned_data["tails"] or {}, lambda words: tails.language_problems(words, senders)
        )

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


def _without_problems(given: Any, check: Callable[[Any], list[str]]) -> Any:
    """`given`, an empty field as an empty list. Raises `ValidationError` with what `check` finds."""
    value = [] if given is None else given
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

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # its texts name it, and to list them all would take the server down; it is switched off instead


class LookOnly(admin.ModelAdmin):
    """Rows that verbs write and nobody edits."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AccessForm(forms.ModelForm):
    """What another system may. Its token and the key of its callbacks are made, never typed in."""

    scopes = forms.MultipleChoiceField(
        label=_("may"), choices=ApiToken.Scope.choices, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = ApiToken
        fields = ["name", "scopes", "per_minute", "callback_url", "inbound_prefixes", "enabled"]

    def clean_callback_url(self) -> str:
        url = self.cleaned_data["callback_url"] or ""
        return _without_problems(url, lambda given: posting.address_problems(given) if given else [])

    def clean_per_minute(self) -> int:
        return _without_problems(self.cleaned_data["per_minute"], callers.rate_problems)

    def clean_inbound_prefixes(self) -> list[str]:
        return _without_problems(self.cleaned_data["inbound_prefixes"], callers.word_problems)


@admin.register(ApiToken)
class AccessAdmin(admin.ModelAdmin):
    """Accesses of other systems. The token is shown once, on the page that follows its making, and never kept."""

    form = AccessForm
    list_display = ["name", "prefix", "scopes", "per_minute", "enabled", "last_used_at", "created_at", "created_by"]
    readonly_fields = ["prefix", "last_used_at", "created_at", "created_by"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # its texts name it; an access that is not wanted any more is switched off

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        if change:
            return super().save_form(request, form, change)
        given = {name: form.cleaned_data[name] for name in AccessForm.Meta.fields if name != "enabled"}
        token, *shown = callers.make_token(now=timezone.now(), by=request.user.get_username(), **given)
        request.shown_once = shown  # type: ignore[attr-defined]
        return token

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing hangs on an access, and a new one was not saved by its form."""

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        if not change:
            return  # `save_form` has made it
        if obj.callback_url and not obj.secrets:
            signing = callers.new_signing_key()
            obj.secrets = {callers.SECRET: signing}
            request.shown_once = ["", signing]  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: ApiToken, post_url_continue: str | None = None) -> HttpResponse:
        return self._show_once(request, obj)

    def response_change(self, request: HttpRequest, obj: ApiToken) -> HttpResponse:
        return (
            self._show_once(request, obj) if hasattr(request, "shown_once") else super().response_change(request, obj)
        )

    def _show_once(self, request: HttpRequest, obj: ApiToken) -> HttpResponse:
        token, signing = request.shown_once  # type: ignore[attr-defined]
        context = self.admin_site.each_context(request) | {"access": obj, "token": token, "signing": signing}
        page = TemplateResponse(request, "messaging/access_made.html", context)
        page["Cache-Control"] = "no-store"
        return page


@admin.register(Callback)
class CallbackAdmin(LookOnly):
    list_display = ["token", "kind", "about", "made_at", "attempts", "done_at", "given_up_at", "last_error"]
    list_filter = ["token", "kind", ("given_up_at", admin.EmptyFieldListFilter)]
    show_full_result_count = False


@admin.register(Phone)
class PhoneAdmin(LookOnly):
    list_display = ["number", "operator", "failures", "failed_on", "last_error", "dead_since", "proven_at"]
    list_filter = ["operator", ("dead_since", admin.EmptyFieldListFilter)]
    search_fields = ["=number"]
    show_full_result_count = False


@admin.register(OperatorOutage)
class OutageAdmin(LookOnly):
    list_display = ["operator", "started_at", "ended_at", "tried", "failed"]


@admin.register(RouteTemplate)
class TemplateAdmin(LookOnly):
    list_display = ["name", "route", "state", "code", "valid_to", "submitted_at"]
    list_filter = ["route", "state"]
    search_fields = ["name", "code"]


class AttemptInline(admin.TabularInline):
    """The calls for a text that were not answered with a yes."""

    model = Attempt
    extra = 0
    can_delete = False
    fields = ["at", "route", "code", "detail", "answer", "taken"]
    readonly_fields = ["at", "route", "code", "detail", "answer", "taken"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(OutboundMessage)
class OutboundAdmin(LookOnly):
    inlines = [AttemptInline]
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
