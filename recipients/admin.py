"""Plain administration: units, facilities and accounts may be changed; people are to be read only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from recipients.areas import save_unit
from recipients.models import (
    AdminUnit,
    Caregiver,
    ChangeEvent,
    Child,
    Consent,
    Facility,
    Person,
    Pregnancy,
    Session,
    Task,
    User,
    Visit,
    Worker,
)  # fmt: skip


class ReadOnly(admin.ModelAdmin):
    """Facts about people change through the pages and the API only, where every change is recorded; "view on site"
    leads to her page, where the verbs are."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class OurUserAdmin(UserAdmin):
    list_display = ("username", "last_name", "first_name", "role", "unit", "is_active")
    list_filter = ("role", "is_active")
    list_select_related = ("unit",)
    autocomplete_fields = ("unit", "facility")
    fieldsets = (*(UserAdmin.fieldsets or ()), (_("Work"), {"fields": ("role", "unit", "facility")}))
    add_fieldsets = (*UserAdmin.add_fieldsets, (_("Work"), {"fields": ("role", "unit", "facility")}))


@admin.register(AdminUnit)
class AdminUnitAdmin(admin.ModelAdmin):
    list_display = ("code", "name", "level", "parent", "valid_from", "valid_to")
    list_filter = ("level",)
    list_select_related = ("parent",)
    search_fields = ("code", "name", "search_name")
    autocomplete_fields = ("parent", "successors")

    def save_model(self, request: HttpRequest, obj: AdminUnit, form: Any, change: bool) -> None:
        save_unit(obj)


@admin.register(Facility)
class FacilityAdmin(admin.ModelAdmin):
    list_display = ("name", "kind", "phone", "unit", "valid_to")
    list_filter = ("kind",)
    list_select_related = ("unit",)
    search_fields = ("name",)
    autocomplete_fields = ("unit", "parent")


@admin.register(Person)
class PersonAdmin(ReadOnly):
    list_display = ("name", "phone", "unit", "registered_at")
    list_select_related = ("unit",)
    search_fields = ("search_name", "phone")

    def view_on_site(self, obj: Person) -> str:
        return reverse("person", args=[obj.pk])


class AboutHer(ReadOnly):
    """Something about a mother."""

    def view_on_site(self, obj: Pregnancy | Child) -> str:
        return reverse("person", args=[obj.mother_id])


@admin.register(Pregnancy)
class PregnancyAdmin(AboutHer):
    list_display = ("mother", "anchor_date", "edd", "outcome", "outcome_date")
    list_filter = ("outcome",)
    list_select_related = ("mother",)
    search_fields = ("mother__search_name",)


@admin.register(Child)
class ChildAdmin(AboutHer):
    list_display = ("__str__", "mother", "date_of_birth", "died_on")
    list_select_related = ("mother",)
    search_fields = ("mother__search_name",)


@admin.register(Caregiver)
class CaregiverAdmin(ReadOnly):
    list_display = ("person", "role", "pregnancy", "child", "ended_on")
    list_select_related = ("person", "pregnancy__mother", "child__mother")


@admin.register(Visit)
class VisitAdmin(ReadOnly):
    list_display = ("type", "pregnancy", "child", "planned_date", "attended_date", "canceled_on")
    list_select_related = ("pregnancy__mother", "child__mother")


@admin.register(Session)
class SessionAdmin(ReadOnly):
    list_display = ("day", "service", "facility")
    list_filter = ("service",)
    list_select_related = ("facility",)
    search_fields = ("facility__name",)


@admin.register(Task)
class TaskAdmin(ReadOnly):
    list_display = ("kind", "person", "opened_at", "due_at", "done_at", "done_by")
    list_filter = ("kind",)
    list_select_related = ("person", "done_by")
    search_fields = ("person__search_name",)


@admin.register(Worker)
class WorkerAdmin(ReadOnly):
    list_display = ("person", "role", "unit", "village", "ended_on")
    list_filter = ("role",)
    list_select_related = ("person", "unit")
    search_fields = ("person__search_name",)


@admin.register(Consent)
class ConsentAdmin(ReadOnly):
    list_display = ("person", "purpose", "state", "method", "at", "by")
    list_filter = ("state", "method")
    list_select_related = ("person", "by")


@admin.register(ChangeEvent)
class ChangeEventAdmin(ReadOnly):
    list_display = ("at", "what", "person", "source", "by")
    list_filter = ("what", "source")
    list_select_related = ("person", "by")
