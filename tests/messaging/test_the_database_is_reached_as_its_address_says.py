"""What the address of the database says about the connection (encryption first of all) is not lost in our settings."""

import os
import subprocess
import sys

import pytest

from config.settings import BASE_DIR

OURS = "-c random_page_cost=1.1 -c jit=off -c join_collapse_limit=4 -c parallel_setup_cost=50000"


def options_of(address: str) -> str:
    show = "from config.settings import DATABASES; print(DATABASES['default']['OPTIONS'])"
    environment = os.environ | {"DATABASE_URL": f"postgres://mam:x@db.example.org/mam{address}"}
    done = subprocess.run(
        [sys.executable, "-c", show], cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("address", "options"),
    [
        ("", {"options": OURS}),
        (
            "?sslmode=verify-full&sslrootcert=/etc/ca.pem",
            {"options": OURS, "sslmode": "verify-full", "sslrootcert": "/etc/ca.pem"},
        ),
        ("?options=-c+jit%3Don", {"options": "-c jit=on"}),
    ],
)
def test_its_own_words_stay_beside_ours(address, options):
    assert options_of(address) == str(options)
