"""The whole rhythm of Mầm in one table: which pass runs how often, on which queue.

Tasks carry no state (D5): a lost broker costs one beat. Every entry expires at its own interval,
so a slow pass never piles up behind itself. What waits for providers has a queue of its own: a slow route holds up no
receipt, no STOP and no planning. A worker that is told no queue takes both.
"""

import os

from celery import Celery
from django.conf import settings
from kombu import Exchange, Queue

from config import filebroker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

RHYTHM = {
    # task: seconds between two beats
    "campaigns.tasks.publish_scheduled": 300,
    "campaigns.tasks.derive_enrollments": 60,
    "campaigns.tasks.plan_messages": 60,
    "campaigns.tasks.release_messages": 20,
    "campaigns.tasks.follow_closed_numbers": 60,
    "campaigns.tasks.open_tasks": 300,
    "campaigns.tasks.refresh_worklist": 300,
    "messaging.tasks.dispatch_all": 5,
    "messaging.tasks.settle_doubtful": 60,
    "messaging.tasks.fold_receipts": 5,
    "messaging.tasks.handle_inbound": 5,
    "messaging.tasks.watch_numbers": 60,
    "messaging.tasks.tell_callers": 10,
    "messaging.tasks.forget_finished": 3600,
}
QUEUES = {
    # task: queue; every other task goes to DEFAULT
    "messaging.tasks.dispatch_route": "dispatch",  # one for each route, sent by dispatch_all
    "messaging.tasks.settle_doubtful": "dispatch",  # it asks providers about texts in doubt
    "messaging.tasks.tell_callers": "dispatch",  # it waits for other systems
}
DEFAULT = "celery"

filebroker.install()
app = Celery("mam", broker=settings.BROKER_URL)
app.conf.update(
    task_ignore_result=True,
    task_acks_late=False,
    task_serializer="json",
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    worker_hijack_root_logger=False,
    timezone="UTC",
    task_default_queue=DEFAULT,
    task_queues=[Queue(name, Exchange(name), routing_key=name) for name in (DEFAULT, *sorted(set(QUEUES.values())))],
    task_routes={task: {"queue": queue} for task, queue in QUEUES.items()},
    beat_schedule={
        task: {"task": task, "schedule": seconds, "options": {"expires": seconds}} for task, seconds in RHYTHM.items()
    },
    beat_schedule_filename=str(settings.VAR_DIR / "celerybeat-schedule"),
)
if settings.BROKER_URL.startswith("filesystem"):
    for folder in ("messages", "processed", "control"):
        (settings.BROKER_DIR / folder).mkdir(parents=True, exist_ok=True)
    app.conf.broker_transport_options = {
        "data_folder_in": str(settings.BROKER_DIR / "messages"),
        "data_folder_out": str(settings.BROKER_DIR / "messages"),
        "processed_folder": str(settings.BROKER_DIR / "processed"),
        "control_folder": str(settings.BROKER_DIR / "control"),
        "store_processed": False,
        "polling_interval": 0.1,  # seconds; with the default of 1 a worker takes one task a second
    }
app.autodiscover_tasks()
