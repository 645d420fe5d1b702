"""REST of recipients: people and what happens to them, visits, tasks, staff, sessions. `router` is under /api/v1/."""

from rest_framework.routers import DefaultRouter

from recipients.api.people import PersonViewSet
from recipients.api.registering import CaregiverViewSet, ChildViewSet, PregnancyViewSet
from recipients.api.registers import RegisterViewSet
from recipients.api.sessions import SessionViewSet
from recipients.api.tasks import TaskViewSet
from recipients.api.visits import VisitViewSet
from recipients.api.workers import WorkerViewSet

router = DefaultRouter(trailing_slash=False)
router.include_format_suffixes = False
router.register("people", PersonViewSet, basename="api-people")
router.register("pregnancies", PregnancyViewSet, basename="api-pregnancies")
router.register("children", ChildViewSet, basename="api-children")
router.register("caregivers", CaregiverViewSet, basename="api-caregivers")
router.register("visits", VisitViewSet, basename="api-visits")
router.register("tasks", TaskViewSet, basename="api-tasks")
router.register("workers", WorkerViewSet, basename="api-workers")
router.register("sessions", SessionViewSet, basename="api-sessions")
router.register("registers", RegisterViewSet, basename="api-registers")
