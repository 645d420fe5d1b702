"""The passes of campaigns as Celery tasks; config/celery.py says how often."""

from dataclasses import asdict

from celery import shared_task
from django.utils import timezone

from campaigns import dead_numbers, stopping, telling
from campaigns.content import review
from campaigns.schedule import enrollment, planner, release
from recipients import worklist


@shared_task
def publish_scheduled() -> dict[str, int]:
    return review.publish_scheduled(timezone.now())


@shared_task
def derive_enrollments() -> dict[str, int]:
    return asdict(enrollment.derive(timezone.now()))


@shared_task
def plan_messages() -> dict[str, int]:
    return asdict(planner.plan(timezone.now()))


@shared_task
def release_messages() -> dict[str, int]:
    return dict(release.release_due(timezone.now()))


@shared_task
def follow_closed_numbers() -> dict[str, int]:
    return dict(stopping.follow(timezone.now()))


@shared_task
def open_tasks() -> dict[str, int]:
    now = timezone.now()
    return {"tell": telling.open_tasks(now), **dead_numbers.open_tasks(now)}


@shared_task
def refresh_worklist() -> dict[str, int]:
    return dict(worklist.refresh(timezone.now()))
