"""REST of recipients: people, pregnancies, children, caregivers, registers. `router` goes under /api/v1/."""

from rest_framework.routers import DefaultRouter

from recipients.api.people import PersonViewSet
from recipients.api.registering import CaregiverViewSet, ChildViewSet, PregnancyViewSet
from recipients.api.registers import RegisterViewSet

router = DefaultRouter(trailing_slash=False)
router.include_format_suffixes = False
router.register("people", PersonViewSet, basename="api-people")
router.register("pregnancies", PregnancyViewSet, basename="api-pregnancies")
router.register("children", ChildViewSet, basename="api-children")
router.register("caregivers", CaregiverViewSet, basename="api-caregivers")
router.register("registers", RegisterViewSet, basename="api-registers")
